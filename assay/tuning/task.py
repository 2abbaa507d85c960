"""What a worker does with a trial of a search: train what is missing, and validate after epochs of the last stage."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from assay.experiment.execution import TrialFailed, origin, train_trial
from assay.experiment.task import Report, progress_report
from assay.experiment.trial import NamedStage, Trial
from assay.stage import Diverged, Progress
from assay.store.received.typed import read_typed
from assay.store.store import Store
from assay.study import VAL, Study
from assay.tuning.validation import Metrics, Validated, validation_steps

__all__ = ["VALIDATIONS", "train_and_validate"]

VALIDATIONS = "validations"  # kind of entry in the store
FILE = "validation.json"


def train_and_validate(study: Study, trial: Trial, store: Store, report: Report) -> Validated:
    """Make sure that the store holds a trial's validation, and return it. No test sample is read.

    Args:
        study: whose trial it is; it has a validation split.
        trial: what to train; its fingerprint is the validation's.
        store: where stages and validations are kept.
        report: gets every step, and every validation.

    Raises:
        TrialFailed: the training or the model gave no numbers, with the reason.
    """
    began = time.monotonic()
    if stored := _stored(trial, store):
        return replace(stored, seconds=time.monotonic() - began, trained_epochs=0)
    eye = _Eye(study, trial, report)
    trained = train_trial(study, trial, store, eye.progress, eye.look)
    if eye.ended:
        metrics = eye.curve[-1][1]
    else:
        assert trained.state is not None
        metrics = eye.metrics_of(study.model(trial.config, trained.state))
    seconds = time.monotonic() - began
    found = Validated(metrics, tuple(eye.curve), seconds, trained.epochs)
    store.write(VALIDATIONS, trial.fingerprint, {FILE: json.dumps(asdict(found)).encode()}, _record(study, trial))
    return found


class _Eye:
    """Watches one trial's training, and validates when it is time."""

    def __init__(self, study: Study, trial: Trial, report: Report) -> None:
        self._study, self._trial, self._report = study, trial, report
        last = trial.stages[-1].stage
        self._steps = validation_steps(last.last_epoch - last.first_epoch)
        self._last: Progress | None = None
        self.curve: list[tuple[int, Metrics]] = []

    @property
    def ended(self) -> bool:
        """Whether the network was validated after the last epoch."""
        return bool(self.curve) and self.curve[-1][0] == max(self._steps)

    def progress(self, progress: Progress) -> None:
        """Pass it on."""
        self._last = progress
        self._report(progress_report(progress, self._trial))

    def look(self, named: NamedStage, epochs: int, model: Any) -> None:
        """Validate after an epoch of the last stage, if it is one of those."""
        if named != self._trial.stages[-1] or epochs not in self._steps:
            return
        self.curve.append((epochs, self.metrics_of(model)))
        if self._last:
            values = {"step": epochs, "metrics": self.curve[-1][1]}
            self._report(progress_report(self._last, self._trial) | values)

    def metrics_of(self, model: Any) -> Metrics:
        """Means over the validation split."""
        try:
            samples = self._study.measure(self._trial.config, model, VAL).samples
        except Diverged as error:
            raise TrialFailed(str(error)) from error
        return means(samples)


def means(samples: Sequence[tuple[str, Metrics]]) -> Metrics:
    """Metric -> mean over the samples that have it."""
    found: dict[str, list[float]] = {}
    for _, values in samples:
        for name, value in values.items():
            found.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in found.items()}


def _stored(trial: Trial, store: Store) -> Validated | None:
    """What the store has of a trial; None if it has nothing, or what it has is damaged, which puts it aside."""
    entry = store.find(VALIDATIONS, trial.fingerprint)
    data = store.read(entry, FILE) if entry else None
    try:
        return None if data is None else read_typed(Validated, data)
    except ValueError as error:  # sealed, and written by nobody of ours
        store.put_aside(VALIDATIONS, trial.fingerprint, f"it is not as it is written here: {error}")
        return None


def _record(study: Study, trial: Trial) -> dict[str, Any]:
    """Where it belongs, when and with what it was made."""
    stages = [named.fingerprint for named in trial.stages]
    return {"row": trial.row, "seed": trial.seed, "stages": stages, **origin(study, trial)}
