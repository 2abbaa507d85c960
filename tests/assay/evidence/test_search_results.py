"""What is read out of a search's folder: the best, the front, and values that can be compared."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assay.config.errors import UserError
from assay.evidence.search_results import SearchResults, search_results
from assay.evidence.tables.confirmed import confirmation_lines
from assay.evidence.tables.search import (
    best_line,
    best_table,
    importance_lines,
    search_lines,
    standing_out,
    terminal,
    write_summary,
)
from assay.store.run.folder import RunFolder

PARAMETERS = [
    {"name": "alpha3", "scale": "log", "low": 0.8, "high": 80.0, "choices": [], "paper": 8.0},
    {"name": "branch", "scale": "choice", "low": None, "high": None, "choices": ["reasoning", "none"], "paper": "none"},
    {"name": "swap", "scale": "choice", "low": None, "high": None, "choices": [False, True], "paper": False},
    {"name": "batch", "scale": "int", "low": 2, "high": 24, "choices": [], "paper": 6},
]
TRIALS = """\
trial,role,state,VIF,SSIM,alpha3,branch,swap,batch,last_step,reason
0,paper,finished,0.70,0.90,8.0,none,False,6,9,
1,,stopped,,,50.0,reasoning,True,2,2,stopped after 2 epochs of its last stage
2,,finished,0.80,0.80,3.0,none,True,12,9,
3,own,finished,0.60,0.70,8.0,reasoning,False,8,9,
4,,failed,,,1.0,none,False,4,,seed 1: not finite
5,,finished,0.65,0.95,2.0,none,False,24,9,
"""
VALUES = "trial,step,value\n0,2,0.5\n0,9,0.7\n1,2,0.3\n2,2,0.6\n2,9,0.8\n3,2,0.4\n3,9,0.6\n5,2,0.45\n"
IMPORTANCE = "objective,parameter,importance,step,trials\nVIF,alpha3,0.7,2,12\nVIF,branch,0.3,2,12\n"


def write_search(folder: Path, objectives: list[str], **files: str) -> Path:
    """A search's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    record = {"format": 1, "objectives": objectives, "space": PARAMETERS, "seeds": [1], "validation_pairs": 8}
    (folder / "search.json").write_text(json.dumps(record))
    texts = {"trials": TRIALS, "values": VALUES, "importance": IMPORTANCE} | files
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.fixture
def one(tmp_path: Path) -> SearchResults:
    """A search for VIF."""
    return search_results(write_search(tmp_path / "one", ["VIF"]))


@pytest.fixture
def two(tmp_path: Path) -> SearchResults:
    """A search for VIF and SSIM."""
    return search_results(write_search(tmp_path / "two", ["VIF", "SSIM"], values="trial,step,value\n"))


def test_the_best_are_finished_trials_by_value(one: SearchResults) -> None:
    assert list(one.best(3)["trial"]) == [2, 0, 5]


def test_the_front_is_what_no_other_beats(two: SearchResults) -> None:
    """0 (0.70, 0.90), 2 (0.80, 0.80) and 5 (0.65, 0.95) beat each other in one objective; 3 is beaten by all."""
    assert sorted(two.front["trial"]) == [0, 2, 5]
    assert list(two.best(5)["trial"]) == [2, 0, 5]


def test_where_few_finished_values_on_the_way_are_compared(one: SearchResults) -> None:
    data, step = one.comparable("VIF")
    assert step == 2
    assert dict(zip(data["trial"], data["value"], strict=True)) == {0: 0.5, 1: 0.3, 2: 0.6, 3: 0.4, 5: 0.45}
    assert one.without(data).empty


def test_where_all_went_to_their_end_final_values_are_compared(two: SearchResults) -> None:
    data, step = two.comparable("SSIM")
    assert step is None
    assert dict(zip(data["trial"], data["value"], strict=True)) == {0: 0.9, 2: 0.8, 3: 0.7, 5: 0.95}
    assert list(two.without(data)["trial"]) == [1]


def test_the_choice_none_is_not_taken_for_a_missing_value(one: SearchResults) -> None:
    assert list(one.trials["branch"]) == ["none", "reasoning", "none", "reasoning", "none", "none"]
    assert one.trials["reason"].iloc[0] == ""


def test_the_table_has_the_best_and_then_the_defaults(one: SearchResults) -> None:
    table = best_table(one, 1)
    assert list(table["trial"]) == [2, 0, 3]
    assert list(table["role"]) == ["", "the paper's defaults", "the preset's own values"]
    assert list(table.columns) == ["trial", "role", "VIF", "alpha3", "branch", "swap", "batch"]


def test_the_terminal_and_the_summary_show_the_same(one: SearchResults, tmp_path: Path) -> None:
    from rich.console import Console

    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(terminal(one))
    text = " ".join(console.export_text().split())
    summary = write_summary(one, tmp_path, ["a further line"]).read_text()
    for cell in ("0.8000", "the paper's defaults", "reasoning", "no test image was read"):
        assert cell in text
        assert cell in summary
    assert "- a further line" in summary


def test_the_note_of_a_configuration_stands_with_its_best_values(one: SearchResults, tmp_path: Path) -> None:
    noted = replace(one, record={**one.record, "note": "mIoU is the mean over *seven* classes"})
    assert search_lines(noted) == [*search_lines(one), "mIoU is the mean over *seven* classes"]
    assert r"- mIoU is the mean over \*seven\* classes" in write_summary(noted, tmp_path).read_text().splitlines()


def test_the_best_is_told_beside_the_defaults(one: SearchResults, two: SearchResults) -> None:
    assert best_line(one).startswith(
        "best on the validation split: trial 2 with VIF 0.8000, the paper's defaults 0.7000"
    )
    assert best_line(two) == ""
    paper = SearchResults(one.record, one.trials.head(2), one.values, one.importance)
    assert best_line(paper) == "no trial is better than the paper's defaults on the validation split"


def test_importance_says_what_it_is_made_of(one: SearchResults, two: SearchResults) -> None:
    assert importance_lines(one) == [
        "importance for VIF: alpha3 0.70, branch 0.30 (PED-ANOVA, 12 trials, values after 2 epochs of the last stage)"
    ]
    lines = one.importance.assign(chance=[0.3, 0.2], chance_high=[0.6, 0.5], p=[0.01, 0.4])
    assert importance_lines(replace(one, importance=lines)) == [
        "importance for VIF: alpha3 0.70 (by chance 0.30, up to 0.60), branch 0.30 (by chance 0.20, up to 0.50) "
        "(PED-ANOVA, 12 trials, values after 2 epochs of the last stage); alpha3 stands out from values shuffled over "
        "the trials"
    ]
    assert standing_out(lines.assign(p=0.05)) == "no parameter stands out from values shuffled over the trials"
    assert standing_out(lines.assign(p=0.01)).startswith("alpha3, branch stand out")
    empty = SearchResults(two.record, two.trials, two.values, two.importance.head(0))
    assert importance_lines(empty) == ["importance: not told below 20 trials with values, of which there are 4"]


def test_a_confirmed_configuration_gets_its_difference_and_interval(make_run: Callable[..., RunFolder]) -> None:
    lines = confirmation_lines(make_run(rows=("ours", "no_graph"), effects={"no_graph": -2.0}), ["EN"])
    (line,) = lines
    assert "EN −" in line
    assert line.endswith(": worse")
    assert "test images" in line
    assert "fresh seeds" in line


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("search.json", None, "expected search.json"),
        ("trials.csv", None, "expected trials.csv"),
        ("search.json", "{", "damaged"),
        (
            "trials.csv",
            TRIALS.replace("finished", "done"),
            r"trials\.csv .*\(state: expected one of failed, .*",
        ),
        (
            "trials.csv",
            TRIALS.replace("2,,finished", "0,,finished"),
            r"trials\.csv .*\(a trial is there twice",
        ),
        (
            "trials.csv",
            TRIALS.replace("0.80,0.80", ",0.80"),
            r"trials\.csv .*\(a finished trial lacks a value",
        ),
        (
            "trials.csv",
            TRIALS.replace("0.80,0.80", "inf,0.80"),
            r"trials\.csv .*\(VIF: expected finite numbers",
        ),
        ("trials.csv", TRIALS.replace("2,,finished", "2.5,,finished"), r"damaged \(trial: expected whole numbers"),
        ("values.csv", "trial,step,value\n9,2,0.5\n", r"values\.csv .*\(it has a trial that is not in trials"),
        ("values.csv", "trial,step,value\n" + "9" * 40 + ",2,0.5\n", r"values\.csv is damaged"),
        ("values.csv", "a,b\n1,2\n", r"values\.csv is damaged \(no column trial\)"),
        ("search.json", '{"format": 99, "objectives": [], "space": []}', "newer version"),
    ],
)
def test_a_folder_that_is_no_whole_search_is_refused(
    tmp_path: Path, file: str, content: str | None, reason: str
) -> None:
    folder = write_search(tmp_path / "search", ["VIF"])
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_text(content)
    with pytest.raises(UserError, match=reason):
        search_results(folder)


def test_a_search_that_has_only_begun_can_be_read(tmp_path: Path) -> None:
    header: Any = TRIALS.splitlines()[0] + "\n"
    results = search_results(write_search(tmp_path / "begun", ["VIF"], trials=header, values="trial,step,value\n"))
    assert results.best(3).empty
    assert results.front.empty
    assert isinstance(results.trials, pd.DataFrame)


def test_a_study_without_a_paper_reads_of_its_base(one: SearchResults) -> None:
    base = SearchResults({**one.record, "defaults_of": "base"}, one.trials, one.values, one.importance)
    assert list(best_table(base, 1)["role"]) == ["", "the base", "the command's own values"]
    assert "the base 0.7000" in best_line(base)
    assert base.defaults_of == "base"
