"""Effects of a design in text: all of it, and nothing that a reader's program would obey."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from assay.design.cells import every
from assay.design.design import Design, Part
from assay.evidence.measurements import measurements
from assay.evidence.report.report import write_report
from assay.evidence.statistics.parts.contrasts import Contrasts, contrasts_of
from assay.evidence.tables.effects import effects_csv, effects_markdown, effects_terminal
from assay.store.run.folder import RunFolder
from tests.synthetic_runs import write_designed_run

PARTS = (Part("no_graph", "graph"), Part("no_skip", "<b>=skip|</b>"))


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    names = ("ours", "no_graph", "no_skip", "no_graph+no_skip")
    return write_designed_run(tmp_path / "run", Design("shapley", PARTS, dict(zip(names, every(2), strict=True))))


@pytest.fixture
def contrasts(run: RunFolder) -> Contrasts:
    found = contrasts_of(measurements(run))
    assert found is not None
    return found


def test_markdown_has_a_line_per_effect_and_the_notes(contrasts: Contrasts) -> None:
    page = MarkdownIt("commonmark").enable("table").render(effects_markdown(contrasts))
    assert page.count("<tr>") == 4
    assert "&lt;b&gt;=skip|&lt;/b&gt;" in page
    assert "<b>" not in page
    estimate = contrasts.of("part", "EN")["estimate"].iloc[0]
    assert f"+{estimate:.4f} ▲ [+" in page
    assert "All 4 combinations of 2 parts." in page


def test_csv_has_all_digits_and_names(contrasts: Contrasts) -> None:
    data = pd.read_csv(io.StringIO(effects_csv(contrasts)))
    assert data["estimate"].tolist() == contrasts.data["estimate"].tolist()
    assert data["parts"].tolist()[:3] == ["no_graph", "no_skip", "no_graph no_skip"]


def test_the_terminal_shows_metrics_side_by_side_as_they_fit(contrasts: Contrasts) -> None:
    printed = []
    for width in (100, 60):
        console = Console(file=io.StringIO(), width=width)
        console.print(effects_terminal(contrasts, width))
        printed.append(console.file.getvalue())  # type: ignore[attr-defined]
    assert [text.count("all together ") for text in printed] == [1, 2]
    assert all("▲" in text for text in printed)


def test_in_a_fraction_a_line_says_what_else_is_in_its_number(tmp_path: Path) -> None:
    parts = (*PARTS, Part("no_tail", "tail"), Part("no_gate", "gate"))
    cells = {f"row{n}": cell for n, cell in enumerate(every(4)) if sum(cell) % 2 == 0}
    run = write_designed_run(tmp_path / "fraction", Design("factorial", parts, cells))
    page = write_report(run).read_text(encoding="utf-8")
    assert "and tail × gate: not told apart" in page


def test_a_report_begins_with_the_parts_and_says_that_shares_add_up(run: RunFolder) -> None:
    page = write_report(run).read_text(encoding="utf-8")
    assert page.index('id="parts"') < page.index('id="table"')
    assert "without the parts" in page
    assert (run.folder / "figures" / "part-shares.png").is_file()
    assert (run.folder / "effects.md").is_file()
    run.drop_derived()
    assert not [*run.folder.glob("effects.*"), *run.folder.glob("figures/part-shares.*")]
