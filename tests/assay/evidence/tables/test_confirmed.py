"""The best of a search is better than what it began with where the confirmation resolves it, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay.evidence.search_results import SearchResults
from assay.evidence.tables.confirmed import answer_of
from assay.metric import Metric
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord

BASE, BEST = "the paper's defaults", "trial 2: alpha3=4"


def _results(best: str = "", objective: str = "SCD") -> SearchResults:
    """Three finished trials; the last is the best, in the role that is given."""
    roles = ["defaults", "", best] if best != "defaults" else ["", "", best]
    trials = pd.DataFrame({"trial": [0, 1, 2], "role": roles, "state": "finished", objective: [0.1, 0.2, 0.3]})
    space = [{"name": "alpha3", "scale": "log", "low": 1.0, "high": 9.0, "choices": [], "paper": 8.0}]
    record = {"objectives": [objective], "space": space, "sample": "image"}
    return SearchResults(record, trials.assign(alpha3=4.0), pd.DataFrame(), pd.DataFrame())


def _confirmed(folder: Path, gains: Mapping[str, float], seeds: int = 5, better: str = "larger") -> RunFolder:
    """Rows by title; the gain of each over the first in standard deviations of the noise between trainings."""
    run, rng, images = RunFolder(folder), np.random.default_rng(3), 12
    rows = [RowRecord(f"row{place}", title) for place, title in enumerate(gains)]
    trials = []
    for row, gain in zip(rows, gains.values(), strict=True):
        for seed in range(seeds):
            trials.append(TrialRecord(f"{row.name}-seed{seed}", row.name, seed, "finished"))
            values = 1.5 + 0.02 * (gain + rng.normal()) + rng.normal(0, 1e-3, images)
            run.write_results(trials[-1].id, [(row.name, seed, f"{n}", "SCD", v) for n, v in enumerate(values)])
    metrics = (Metric("SCD", better=better),)
    about = {"metrics": metrics, "base_row": "row0"}
    run.write_record(RunRecord("search", "confirmation", (), tuple(rows), tuple(trials), ("SCD",), **about))
    return run


def test_a_gain_that_is_resolved_is_confirmed(tmp_path: Path) -> None:
    answer = answer_of(_results(), _confirmed(tmp_path, {BASE: 0.0, BEST: 20.0}))
    assert answer.gained
    assert answer.line.startswith(f"confirmed: {BEST}: SCD +0.")
    assert answer.line.endswith(f"against {BASE} (12 test images, 5 fresh seeds): better")


@pytest.mark.parametrize(
    ("gain", "seeds", "word"),
    [(0.0, 5, "not resolved"), (-20.0, 5, "worse"), (20.0, 2, "2 seeds are too few for a word")],
)
def test_a_gain_that_is_not_resolved_is_no_improvement(tmp_path: Path, gain: float, seeds: int, word: str) -> None:
    answer = answer_of(_results(), _confirmed(tmp_path, {BASE: 0.0, BEST: gain}, seeds))
    assert not answer.gained
    assert answer.line.startswith(f"not confirmed: {BEST}: SCD ")
    assert word in answer.line
    assert answer.line.endswith("; this is no improvement to report")


def test_what_counts_is_the_metrics_direction(tmp_path: Path) -> None:
    run = _confirmed(tmp_path, {BASE: 0.0, BEST: 20.0}, better="smaller")
    assert not answer_of(_results(), run).gained


def test_another_row_that_gains_confirms_nothing(tmp_path: Path) -> None:
    run = _confirmed(tmp_path, {BASE: 0.0, "trial 1: alpha3=2": 20.0})
    answer = answer_of(_results(), run)
    assert not answer.gained
    assert answer.line == (
        "not confirmed: trial 2 was chosen as the best of 3, which flatters it; it has met no fresh seeds and no test "
        "image"
    )


def test_without_a_confirmation_nothing_is(tmp_path: Path) -> None:
    assert not answer_of(_results(), RunFolder(tmp_path)).gained
    assert answer_of(_results("defaults"), RunFolder(tmp_path)).line == (
        "no gain: no trial is better than the paper's defaults on the validation split"
    )


def test_where_nothing_is_the_best_there_is_nothing_to_say(tmp_path: Path) -> None:
    results = _results()
    failed = results.trials.assign(state="failed")
    assert (
        answer_of(SearchResults(results.record, failed, results.values, results.importance), RunFolder(tmp_path)).line
        == ""
    )
