"""What a worker does with a trial, and how it reports."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from assay.experiment.execution import Outcome, execute_trial
from assay.experiment.trial import Trial
from assay.stage import Progress
from assay.store.store import Store
from assay.study import Study

__all__ = ["Report", "Task", "Throttle", "pause_between_reports", "progress_report", "train_and_measure"]

Report = Callable[[Mapping[str, Any]], None]
Task = Callable[[Study, Trial, Store, Report], Any]

_SHORTEST_PAUSE_S = 0.5  # what the eye follows
_REPORTS_A_SECOND = 20  # of all workers together: each takes milliseconds of the driver
_MERE_PROGRESS = {"progress", "stored"}


def train_and_measure(study: Study, trial: Trial, store: Store, report: Report) -> Outcome:
    """The work of an ablation: one trial; every step is reported."""
    return execute_trial(study, trial, store, lambda progress: report(progress_report(progress, trial)))


def progress_report(progress: Progress, trial: Trial) -> dict[str, Any]:
    """What is told of a step: where the training is, and the trial's stages that are stored by now."""
    kinds = [named.stage.kind for named in trial.stages]
    stored = [named.fingerprint for named in trial.stages[: kinds.index(progress.stage)]]
    return {"progress": dict(vars(progress)), "stored": stored}


def pause_between_reports(trials: int) -> float:
    """Seconds between two reports of a worker, so that the driver has time for so many trials at once."""
    return max(_SHORTEST_PAUSE_S, trials / _REPORTS_A_SECOND)


class Throttle:
    """Passes reports on, of mere progress only one in a while: the first of a stage, and what says more, always.

    Args:
        report: where to.
        pause_s: seconds between two reports of one stage's progress.
        clock: seconds.
    """

    def __init__(self, report: Report, pause_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._report, self._pause_s, self._clock = report, pause_s, clock
        self._last, self._stage = 0.0, ""

    def __call__(self, report: Mapping[str, Any]) -> None:
        if report.keys() != _MERE_PROGRESS:
            self._report(report)
            return
        now, stage = self._clock(), report["progress"]["stage"]
        if stage != self._stage or now - self._last >= self._pause_s:
            self._report(report)
            self._last, self._stage = now, stage
