"""How far a run is, who writes to it, and what is kept of it."""

from __future__ import annotations

import fcntl
import math
import os
from collections import Counter
from pathlib import Path

import pytest

from assay.view.content.paging import page_of
from assay.view.folder.found import found
from assay.view.folder.remembered import Remembered
from assay.view.folder.summary import Summary
from assay.view.folder.writers import is_written, locked_files


def test_the_rest_takes_the_median_of_trials_by_those_that_run_at_once() -> None:
    states = Counter(finished=6, running=2, pending=4)
    line = Summary("run", "ablation", "table5", states, 12, typical_s=10.0, writing=True)
    assert line.state == "running"
    assert line.left_s == 30  # half of each of two is done, and four are left: five, two at once, ten seconds each


def test_a_run_that_nobody_writes_to_is_unfinished_and_has_no_end() -> None:
    line = Summary("run", "ablation", "table5", Counter(finished=1, running=1), 2, typical_s=10.0)
    assert line.state == "unfinished"
    assert math.isnan(line.left_s)


def test_a_failed_trial_is_told_once_all_have_ended() -> None:
    states = Counter(finished=1, failed=1)
    assert Summary("run", states=states, asked=2).state == "failures"
    assert Summary("run", states=states, asked=3, writing=True).state == "running"


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="the system tells no locks")
def test_a_lock_is_seen_without_being_taken(tmp_path: Path) -> None:
    path = tmp_path / ".writer"
    with path.open("w") as file:
        assert not is_written(tmp_path, 0.0, locked_files())
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert is_written(tmp_path, 0.0, locked_files())
    assert not is_written(tmp_path, 0.0, locked_files())


def test_runs_and_stores_are_found_below_a_folder_and_not_in_one_another(tmp_path: Path) -> None:
    for path in ("a/run.json", "b/c/search.json", "a/images/run.json", "store/stages/x/run.json", ".hidden/run.json"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "linked").symlink_to(tmp_path / "a")
    os.mkdir(os.fsencode(tmp_path) + b"/\xff")
    (tmp_path / os.fsdecode(b"\xff") / "run.json").touch()
    there = found(tmp_path)
    assert list(there.runs) == ["a", "b/c"]
    assert list(there.stores) == ["store"]


def test_values_are_made_once_for_a_stamp_and_the_oldest_is_forgotten() -> None:
    made: list[str] = []
    kept = Remembered(2)

    def get(key: str, stamp: int) -> str:
        return kept.get(key, stamp, lambda: made.append(key) or f"{key}{stamp}")

    assert [get("a", 1), get("a", 1), get("a", 2), get("b", 1)] == ["a1", "a1", "a2", "b1"]
    get("c", 1)  # now a is forgotten
    get("b", 1)
    get("a", 2)
    assert made == ["a", "a", "b", "c", "a"]


@pytest.mark.parametrize(
    ("wanted", "number"), [(None, 1), ("2", 2), ("99", 3), ("0", 1), ("-1", 1), ("²", 1), ("9" * 99, 1)]
)
def test_a_page_that_is_not_there_is_the_nearest_or_the_first(wanted: str | None, number: int) -> None:
    page = page_of(range(25), wanted, 10)
    assert (page.number, page.pages, page.total) == (number, 3, 25)
    assert list(page.items) == list(range(10 * (number - 1), min(10 * number, 25)))
