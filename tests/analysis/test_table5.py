"""The command python -m analysis.table5."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.table5 import main
from assay.evidence.tables.markdown import escape
from assay.store.run.folder import RunFolder


def test_it_prints_markdown_and_names_the_files(whole_run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(whole_run.folder)]) == 0
    printed = capsys.readouterr()
    assert printed.out == (whole_run.folder / "table.md").read_text(encoding="utf-8")
    assert "table.tex" in printed.err


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["nowhere"]])
def test_misuse_is_one_line_and_code_2(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "runs/table5" in capsys.readouterr().out


@pytest.mark.parametrize(
    "fields",
    [
        {"rows": ["ours", "no_graph"], "pending": ["ours", "no_graph"], "baselines": False},
        {"failed": ["ours"], "pending": ["no_graph"], "seeds": 1},
        {"rows": ["no_graph"], "images": 1},
        {"rows": ["ours"]},
    ],
)
def test_a_run_that_lacks_nearly_everything_has_a_table(
    make_run: Callable[..., RunFolder], fields: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(**fields)
    assert main([str(run.folder)]) == 0
    printed = capsys.readouterr().out
    assert all(escape(row.title) in printed for row in run.record.rows)
    assert "noise floor" in printed


def test_what_is_missing_is_said_under_the_table(
    make_run: Callable[..., RunFolder], capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(make_run(failed=["no_graph"], pending=["swap_fusion"], seeds=2).folder)])
    printed = capsys.readouterr().out
    assert "2 of 16 trials failed: no\\_graph-seed0, no\\_graph-seed1." in printed
    assert "2 of 16 trials have not started: swap\\_fusion-seed0" in printed
    assert "w/o GNN \\[failed: the loss gram became nan" in printed
