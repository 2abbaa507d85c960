"""Words of a table that was trained trial by trial, without a command and without Ray."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from assay.evidence.measurements import Measurements, measurements
from assay.evidence.statistics.noise import noise_floor
from assay.evidence.statistics.verdict import verdicts_of
from assay.evidence.statistics.words import BETTER, NOT_RESOLVED, WORSE
from assay.experiment.suite import Suite
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord
from smfnet.config.metrics import TABLE5
from smfnet.fusion.titles import TITLES
from smfnet.study import study

__all__ = ["sets_apart", "table_of"]

Trained = Sequence[tuple[str, int, pd.DataFrame]]


def table_of(suite: Suite, trained: Trained, free: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Verdicts, means and noise floor.

    Args:
        suite: whose rows these are.
        trained: row, seed and results (image, metric, value) of every trial.
        free: results of every training-free row.
    """
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(folder)
        _write(run, suite, trained, free)
        return _judged(measurements(run))


def sets_apart(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What several disjoint sets of seeds say of the same cells."""
    words: dict[str, list[str]] = {}
    for table in tables.values():
        for line in table["lines"]:
            words.setdefault(f"{line['row']} {line['metric']}", []).append(line["verdict"])
    return {
        "decided": [table["decided"] for table in tables.values()],
        "flipped": sorted(cell for cell, said in words.items() if {BETTER, WORSE} <= {*said}),
        "always_decided": sorted(cell for cell, said in words.items() if NOT_RESOLVED not in said),
    }


def _write(run: RunFolder, suite: Suite, trained: Trained, free: Mapping[str, pd.DataFrame]) -> None:
    rows = [RowRecord(each.name, each.title, each.published, each.changes) for each in suite.default]
    rules = [RowRecord(rule, TITLES[rule], baseline=True) for rule in free]
    trials = [TrialRecord(f"{row}-seed{seed}", row, seed, "finished") for row, seed, _ in trained]
    run.write_record(
        RunRecord("ablation", "table5", (), (*rows, *rules), tuple(trials), TABLE5, suite.base, study().metrics)
    )
    of_rules = [(rule, -1, found) for rule, found in free.items()]
    for row, seed, found in [*trained, *of_rules]:
        name = row if seed < 0 else f"{row}-seed{seed}"
        values = found[["image", "metric", "value"]].itertuples(index=False, name=None)
        run.write_results(name, ((row, seed, *each) for each in values))


def _judged(measured: Measurements) -> dict[str, Any]:
    verdicts, floor = verdicts_of(measured), noise_floor(measured)
    lines = verdicts.data[["row", "metric", "difference", "low", "high", "bound", "verdict"]]
    words = Counter(lines["verdict"])
    means = measured.values.groupby(["row", "metric"])["value"].mean().unstack()[list(TABLE5)]
    deviations = measured.values.groupby(["row", "seed", "metric"])["value"].mean().groupby(["row", "metric"]).std()
    return {
        "cells": len(lines),
        "decided": len(lines) - words[NOT_RESOLVED],
        "words": dict(words),
        "floor": {line.metric: line.half_width for line in floor.itertuples()},
        "means": means.round(4).to_dict("index"),
        "seed_sd": deviations.dropna().unstack().round(4).to_dict("index"),
        "lines": lines.to_dict("records"),
    }
