"""The command python -m analysis.table5."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.table5 import main
from smfnet.experiment.results import Run


def test_it_prints_markdown_and_names_the_files(whole_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
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
