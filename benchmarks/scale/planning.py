"""What comes before a run and after it: trials and their names, the plan, its estimate, what is printed; the report."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from assay.console.preview import plan_lines
from assay.evidence.report.report import write_report
from assay.experiment.planning.estimate import estimate
from assay.experiment.planning.plan import plan
from assay.stage import Cost
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord
from assay.store.store import Store
from benchmarks.scale.made_up import made_up_plan, made_up_record
from smfnet.config.metrics import METRICS
from smfnet.study import study

__all__ = ["planning", "reporting"]


def planning(count: int, folder: Path) -> dict[str, float]:
    """Processor seconds of each step of `--plan`, nothing being stored; a stage is said to take a second a step."""
    made_up_plan(8)  # what is worked out once a process: code, data
    seconds: dict[str, float] = {}
    planned = _timed(seconds, "names_s", lambda: made_up_plan(count))
    store, record, config = Store(str(folder)), made_up_record(planned), planned.trials[0].config
    planned = _timed(seconds, "plan_s", lambda: plan(planned.trials, store))
    _timed(seconds, "estimate_s", lambda: estimate(study(), planned, store, 8, lambda config, stage: Cost(1.0, 0)))
    _timed(seconds, "print_s", lambda: list(plan_lines(study(), planned, record, config, store, None)))
    return seconds


def reporting(rows: int, seeds: int, images: int, folder: Path) -> dict[str, float]:
    """Processor seconds of the report of a run."""
    run, seconds = _made_up_run(rows, seeds, images, folder), dict[str, float]()
    _timed(seconds, "report_s", lambda: write_report(run))
    return seconds


def _timed(seconds: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    began = time.process_time()
    result = work()
    seconds[name] = time.process_time() - began
    return result


def _made_up_run(rows: int, seeds: int, images: int, folder: Path) -> RunFolder:
    run, rng = RunFolder(folder), np.random.default_rng(0)
    names = ["ours", *(f"row{number}" for number in range(1, rows))]
    records = tuple(RowRecord(name, f"Row {name}") for name in names)
    trials = tuple(TrialRecord(f"{name}-seed{seed}", name, seed, "finished") for name in names for seed in range(seeds))
    run.write_record(RunRecord("ablation", "table5", ("benchmark",), records, trials, ("EN", "SD", "VIF", "SSIM")))
    base = rng.normal(size=(len(METRICS), images))
    for trial in trials:
        values = base + 0.1 * rng.normal(size=(len(METRICS), 1)) + 0.1 * rng.normal(size=base.shape)
        lines = (
            (f"{image:03d}", name, float(values[m, image])) for m, name in enumerate(METRICS) for image in range(images)
        )
        run.write_results(trial.id, ((trial.row, trial.seed, *line) for line in lines))
    return run
