"""The page of several runs: the words of the same cells, pairs, and what may not be compared."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from assay.config.errors import UserError
from assay.evidence.report.beside.compared import write_comparison
from assay.evidence.report.beside.comparison import paired_runs, paired_verdicts
from assay.evidence.report.beside.side_by_side import table_of_run, words_grid
from assay.evidence.statistics.verdict import verdicts_of
from assay.store.run.folder import RunFolder
from assay.store.run.looks import Look

SMALL = {"rows": ("ours", "no_graph"), "images": 6}


@pytest.fixture
def runs(make_run: Callable[..., RunFolder], tmp_path: Path) -> list[RunFolder]:
    """Of the row `no_graph` one run says worse, and the other better."""
    first = RunFolder(make_run(**SMALL, seeds=5).folder.rename(tmp_path / "first"))
    second = make_run(**SMALL, seeds=5, effects={"no_graph": 2.0})
    return [first, RunFolder(second.folder.rename(tmp_path / "second"))]


def _page(runs: list[RunFolder]) -> str:
    return html.unescape(write_comparison(runs).read_text(encoding="utf-8"))


def _sections(page: str) -> list[str]:
    return re.findall(r'<section id="([^"]*)"', page)


def test_words_of_the_same_cells_stand_beside_each_other(runs: list[RunFolder]) -> None:
    tables = {run.folder.name: table_of_run(run.folder) for run in runs}
    grid = words_grid(tables)
    assert grid is not None
    assert grid.columns == ("row", "metric", "first", "second", "word")
    (line,) = (line for line in grid.lines if (line[0].text, line[1].text) == ("w/o GNN", "EN"))
    assert [cell.text.split(" ", 1)[1] for cell in line[2:4]] == ["▼ worse", "▲ better"]
    assert line[4].text == "opposite"
    low = tables["first"].cell("no_graph", "EN")["low"]
    assert line[2].below.startswith(f"{low:+.4f}".replace("-", "\N{MINUS SIGN}"))


def test_the_page_has_every_part_and_the_table_of_every_run(runs: list[RunFolder]) -> None:
    runs[1].write_config("seed: 1\n")
    page = _page(runs)
    assert _sections(page) == ["limits", "verdicts", "means", "paired", "different", "run-0", "run-1"]
    assert "Nothing that the runs have noted of themselves speaks against" in page
    assert page.count("Differences to ") == 0
    assert "second less first; n: seeds × images" in page
    for run in runs:
        cell = table_of_run(run.folder).cell("no_graph", "EN")
        assert page.count(f"{cell['mean']:.4f} ± {cell['spread']:.4f}") >= 2  # among the means, and in its own table


def test_runs_that_were_tested_on_other_images_are_not_paired(runs: list[RunFolder]) -> None:
    path = runs[1].folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"provenance": {"data": {"test": "other"}}}))
    page = _page(runs)
    assert "second was not tested on the images of first" in page
    assert "paired" not in _sections(page)


def test_all_rows_are_paired_as_each_is_alone(runs: list[RunFolder]) -> None:
    together = paired_verdicts(*runs)
    assert together is not None
    for row in SMALL["rows"]:
        alone = verdicts_of(paired_runs(*runs, row)).data.drop(columns=["row", "title"])
        own = together.data[together.data["row"] == row].drop(columns=["row", "title"]).reset_index(drop=True)
        pd.testing.assert_frame_equal(own, alone)


def test_looks_of_one_run_decide_nothing_between_two(runs: list[RunFolder]) -> None:
    before = verdicts_of(paired_runs(*runs, "no_graph")).data
    runs[0].write_record(replace(runs[0].record, looks=(Look(3, 0.02), Look(5, 0.03))))
    pd.testing.assert_frame_equal(verdicts_of(paired_runs(*runs, "no_graph")).data, before)


def test_two_runs_of_one_name_are_told_apart(runs: list[RunFolder], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    twin = RunFolder(runs[1].folder.rename(tmp_path / "other" / "first"))
    assert str(tmp_path / "other" / "first") in _page([runs[0], twin])


def test_the_same_runs_give_the_same_bytes(runs: list[RunFolder]) -> None:
    assert _page(runs) == _page(runs)


@pytest.mark.parametrize(
    ("pick", "told"),
    [
        (lambda runs: runs[:1], "expected two to 12 runs to compare; got 1"),
        (lambda runs: [runs[0], RunFolder(runs[0].folder / ".." / "first")], "a run is given twice"),
        (lambda runs: [runs[0], RunFolder(runs[0].folder / "results")], "is no run"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    runs: list[RunFolder], pick: Callable[[list[RunFolder]], list[RunFolder]], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        write_comparison(pick(runs))
    assert not (runs[0].folder / "comparison.html").exists()


def test_a_search_without_confirmation_is_refused(runs: list[RunFolder], search_folder: Path) -> None:
    with pytest.raises(UserError, match="is a search that has confirmed nothing"):
        write_comparison([runs[0], RunFolder(search_folder)])
