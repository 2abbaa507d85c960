"""What a search was asked for is held against what it did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from assay.evidence.search_results import SearchResults
from assay.evidence.search_shortfalls import limits, shortfalls
from assay.evidence.tables.search import best_line, best_table, search_lines

LR = {"name": "lr", "scale": "log", "low": 1e2, "high": 1e9, "choices": [], "paper": 1e-4, "typed": "1e2:1e9"}
ASKED = {"trials": 4, "within_s": None, "best": 2, "confirm": 1, "named": [], "used_up": False}
Trial = tuple[str, str, float, float | None, str]  # role, state, lr, score, reason


def _results(*trials: Trial, objectives: tuple[str, ...] = ("score",), space: Any = LR, **asked: Any) -> SearchResults:
    table = pd.DataFrame(trials, columns=["role", "state", "lr", "score", "reason"])
    table.insert(0, "trial", range(len(table)))
    for objective in objectives[1:]:
        table[objective] = table["score"]
    record = {"objectives": list(objectives), "space": [space], "seeds": [1], "validation_pairs": 8}
    record["metrics"] = asked.pop("metrics", [])
    none = pd.DataFrame(columns=["objective", "parameter", "importance", "step", "trials"])
    values = pd.DataFrame(columns=["trial", "step", "value"])
    return SearchResults(record | {"asked": ASKED | asked}, table, values, none)


PAPER: Trial = ("defaults", "finished", 1e-4, 0.5, "")
OWN: Trial = ("own", "finished", 4e-3, 0.6, "")
GOOD: Trial = ("", "finished", 1e3, 0.55, "")
POOR: Trial = ("", "finished", 1e4, 0.4, "")
STOPPED: Trial = ("", "stopped", 1e5, None, "stopped after 2 epochs of its last stage")
FAILED: Trial = ("", "failed", 1e8, None, "seed 1: loss not finite at epoch 0, step 1: ssim = nan")
OTHER: Trial = ("", "failed", 1e7, None, "seed 1: no luck")
LEFT: Trial = ("", "running", 1e6, None, "seed 1: the disk is full")
WAITING: Trial = ("", "waiting", 1e6, None, "")


def test_a_search_that_did_all_of_it_falls_short_of_nothing() -> None:
    results = _results(PAPER, OWN, GOOD, POOR, named=["best", "confirm"])
    assert (shortfalls(results), limits(results)) == ([], [])


def test_a_pruned_trial_is_no_failure() -> None:
    results = _results(PAPER, GOOD, POOR, STOPPED)
    assert (shortfalls(results), limits(results)) == ([], [])


def test_failures_are_counted_and_listed_with_their_reason() -> None:
    text = "loss not finite at epoch 0, step 1: ssim = nan"
    assert shortfalls(_results(GOOD, POOR, FAILED, FAILED)) == [f"2 of 4 trials failed: 2, 3 ({text})"]
    (line,) = shortfalls(_results(GOOD, POOR, FAILED, OTHER))
    assert line == f"2 of 4 trials failed: 2, 3 ({text}; other reasons: trials.csv)"
    (line,) = shortfalls(_results(GOOD, POOR, *[FAILED] * 40, WAITING, trials=42))
    assert line.startswith("40 of 42 trials failed: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 28 more (loss")


def test_where_nothing_inside_the_ranges_finished_there_is_no_best() -> None:
    results = _results(PAPER, OWN, FAILED, FAILED)
    assert shortfalls(results)[1:] == [
        "no trial inside lr=1e2:1e9 finished: nothing to confirm, and there is no best.yaml"
    ]
    assert results.best().empty
    assert best_line(results) == ""
    assert list(best_table(results)["role"]) == [
        "the paper's defaults, outside lr=1e2:1e9",
        "the preset's own values, outside lr=1e2:1e9",
    ]
    without = _results(PAPER, FAILED, confirm=0)
    assert shortfalls(without)[1:] == ["no trial inside lr=1e2:1e9 finished: there is no best.yaml"]
    assert shortfalls(_results(FAILED))[1:] == ["no trial finished: nothing to confirm, and there is no best.yaml"]


def test_a_range_that_nobody_typed_is_told_as_it_is_listed() -> None:
    results = _results(PAPER, STOPPED, space=LR | {"typed": None})
    assert shortfalls(results) == [
        "no trial inside lr=100:1e+09 finished: nothing to confirm, and there is no best.yaml"
    ]


def test_defaults_outside_the_ranges_are_not_the_best_and_are_told_where_they_are_better() -> None:
    results = _results(PAPER, OWN, GOOD, POOR)
    assert list(results.best()["trial"]) == [2, 3]
    assert best_line(results).startswith(
        "best on the validation split: trial 2 with score 0.5500, the paper's defaults 0.5000; "
        "the preset's own values, outside lr=1e2:1e9, have 0.6000; the best of several"
    )
    turned = _results(PAPER, OWN, GOOD, POOR, metrics=[{"name": "score", "better": "smaller"}])
    assert list(turned.best()["trial"]) == [3, 2]
    assert "outside" not in best_line(turned)
    both = _results(PAPER, OWN, GOOD, POOR, objectives=("score", "VIF"))
    assert list(both.front["trial"]) == [2]


@pytest.mark.parametrize("bound", [1e2, 1e9, 1e2 * (1 - 1e-15)])
def test_a_bound_is_inside_however_it_was_rounded(bound: float) -> None:
    assert list(_results(("", "finished", bound, 0.5, ""), PAPER).within["trial"]) == [0]


@pytest.mark.parametrize(
    ("trials", "best", "line"),
    [
        ((GOOD, POOR, STOPPED), 3, "--best 3: 2 can be confirmed, no other trial finished"),
        (
            (("defaults", "finished", 1e3, 0.5, ""), STOPPED),
            1,
            "no trial beside the defaults finished: nothing to confirm",
        ),
    ],
)
def test_fewer_than_can_be_confirmed_fall_short_only_where_they_were_asked_for(
    trials: tuple[Trial, ...], best: int, line: str
) -> None:
    named = _results(*trials, trials=len(trials), best=best, named=["best"])
    assert (shortfalls(named), limits(named)) == ([line], [])
    default = _results(*trials, trials=len(trials), best=best)
    assert (shortfalls(default), limits(default)) == ([], [line])
    assert line in search_lines(default)
    unwanted = _results(*trials, trials=len(trials), best=best, confirm=0, named=["best"])
    assert (shortfalls(unwanted), limits(unwanted)) == ([], [])


def test_of_a_front_that_is_too_small_it_is_told_too() -> None:
    results = _results(GOOD, POOR, trials=2, objectives=("score", "VIF"))
    assert limits(results) == ["--best 2: 1 can be confirmed, no other trial is on the front"]


def test_trials_that_are_left_are_named_and_nothing_is_said_of_a_confirmation() -> None:
    results = _results(PAPER, GOOD, LEFT, LEFT, named=["best"])
    assert shortfalls(results) == [
        "not tried to the end: trials 2, 3 (the disk is full); the same command goes on there; none is confirmed yet"
    ]
    at_work = _results(GOOD, POOR, ("", "running", 1e6, None, ""), trials=3)
    assert shortfalls(at_work)[0].startswith("not tried to the end: trials 2; the same command")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"within_s": 60.0}, "--within 1m was over; the same command goes on"),
        ({"used_up": True}, "the space has no other sample"),
        ({}, "it was stopped; the same command goes on"),
    ],
)
def test_trials_that_were_not_begun_are_a_limit_with_its_reason(asked: dict[str, Any], why: str) -> None:
    results = _results(GOOD, POOR, **asked)
    assert (shortfalls(results), limits(results)) == ([], [f"2 of 4 trials were begun: {why}"])


def test_what_was_called_is_told_in_the_words_of_a_call() -> None:
    results = _results(GOOD, POOR, LEFT, STOPPED, best=3)
    results.record["command"] = ["assay.search('my_study.py', 'lr')"]  # type: ignore[index]
    assert "the same call goes on there" in shortfalls(results)[0]
    done = _results(GOOD, POOR, STOPPED, best=3, named=["best"], trials=3)
    done.record["command"] = results.record["command"]  # type: ignore[index]
    assert shortfalls(done) == ["best=3: 2 can be confirmed, no other trial finished"]


def test_what_was_taken_from_elsewhere_is_none_of_the_trials_that_were_asked_for() -> None:
    results = _results(GOOD, POOR, trials=2)
    taken = replace(results, trials=results.trials.assign(origin=["old: trial 3", ""]))
    assert limits(results) == []
    assert limits(taken) == ["1 of 2 trials were begun: it was stopped; the same command goes on"]


def test_a_search_of_an_earlier_version_did_not_keep_what_was_asked() -> None:
    results = _results(GOOD, FAILED)
    del results.record["asked"]  # type: ignore[attr-defined]
    assert len(shortfalls(results)) == 1
    assert limits(results) == []
