"""What a worker does with a trial, and how it reports."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from assay.experiment.execution import Outcome, execute_trial
from assay.experiment.trial import Trial
from assay.store.store import Store
from assay.training.loop import Progress

__all__ = ["Report", "Task", "Throttle", "train_and_measure"]

Report = Callable[[Mapping[str, Any]], None]
Task = Callable[[Trial, Store, Report], Any]

REPORT_EVERY_S = 0.5


def train_and_measure(trial: Trial, store: Store, report: Report) -> Outcome:
    """The work of an ablation: one trial, its progress reported now and then."""
    throttle = Throttle(report)
    return execute_trial(trial, store, lambda progress: throttle(progress, trial))


class Throttle:
    """Reports cost a round trip to the driver: at most two a second, and always the first of a stage."""

    def __init__(self, report: Report) -> None:
        self._report, self._last, self._stage = report, 0.0, ""

    def __call__(self, progress: Progress, trial: Trial) -> None:
        now = time.monotonic()
        if progress.stage == self._stage and now - self._last < REPORT_EVERY_S:
            return
        kinds = [named.stage.kind for named in trial.stages]
        stored = [named.fingerprint for named in trial.stages[: kinds.index(progress.stage)]]
        self._report({"progress": asdict(progress), "stored": stored})
        self._last, self._stage = now, progress.stage
