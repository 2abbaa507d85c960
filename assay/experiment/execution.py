"""Run one trial against the store: train the stages that are missing, measure, and keep what came out."""

from __future__ import annotations

import io
import json
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pandas as pd

from assay.config.section import paths_of
from assay.config.text.credentials import redacted
from assay.experiment.naming.circumstances import made_with
from assay.experiment.trial import NamedStage, Trial
from assay.stage import Diverged, Progress, StageJob, StageResult
from assay.store.received.names import apart, file_name
from assay.store.store import STAGES, TRIALS, Store
from assay.study import TEST, Measured, Study

__all__ = ["Look", "Outcome", "Trained", "TrialFailed", "execute_trial", "origin", "train_trial"]

Look = Callable[[NamedStage, int, Any], None]  # stage, its epochs that are done, the model as measuring takes it


class TrialFailed(RuntimeError):
    """A trial cannot give a result; the message is the reason that the table shows."""


@dataclass(frozen=True)
class Outcome:
    """What a finished trial did.

    Attributes:
        reused: fingerprints of stages that need not be trained: in the store, or before one that is.
        trained_epochs: epochs that this trial trained itself.
        seconds: wall time.
        measured_before: the measurements were in the store too.
    """

    trial: str
    reused: tuple[str, ...]
    trained_epochs: int
    seconds: float
    measured_before: bool


def execute_trial(
    study: Study, trial: Trial, store: Store, report: Callable[[Progress], None] | None = None
) -> Outcome:
    """Make sure that the store holds a trial's measurements; what is there already is not made again.

    Args:
        study: whose trial it is.
        trial: what to run.
        store: where stages and measurements are kept.
        report: called after every training step.

    Raises:
        TrialFailed: a loss became non-finite, with the reason.
    """
    began = time.monotonic()
    if _whole(store, trial):
        return Outcome(trial.id, tuple(s.fingerprint for s in trial.stages), 0, time.monotonic() - began, True)
    maker = _Maker(study, trial, store, report)
    trained = maker.train_all()
    maker.measure(trained.state)
    return Outcome(trial.id, trained.reused, trained.epochs, time.monotonic() - began, False)


@dataclass(frozen=True)
class Trained:
    """A trial whose stages are in the store.

    Attributes:
        state: of the last stage; None for a training-free rule.
        reused: fingerprints of stages that need not be trained: in the store, or before one that is.
        epochs: epochs that were trained just now.
    """

    state: bytes | None
    reused: tuple[str, ...]
    epochs: int


def train_trial(
    study: Study,
    trial: Trial,
    store: Store,
    report: Callable[[Progress], None] | None = None,
    look: Look | None = None,
) -> Trained:
    """Train the stages that the store lacks, and measure nothing.

    Args:
        study: whose trial it is.
        trial: whose stages.
        store: where they are kept.
        report: called after every training step.
        look: called after every epoch that is trained.

    Raises:
        TrialFailed: a loss became non-finite, with the reason.
    """
    return _Maker(study, trial, store, report, look).train_all()


def origin(study: Study, trial: Trial) -> dict[str, Any]:
    """When and with what something was made; `made_with` decides the last digits, the time nothing."""
    return {"made": datetime.now(UTC).isoformat(timespec="seconds"), "made_with": made_with(study, trial.config)}


def _whole(store: Store, trial: Trial) -> bool:
    entry = store.find(TRIALS, trial.fingerprint)
    return entry is not None and store.verify(entry)


class _Maker:
    """One trial at work."""

    def __init__(
        self,
        study: Study,
        trial: Trial,
        store: Store,
        report: Callable[[Progress], None] | None,
        look: Look | None = None,
    ) -> None:
        self.study, self.trial, self.store, self.report, self.look = study, trial, store, report, look
        self.epochs = 0

    def train_all(self) -> Trained:
        """Train every stage that is not stored."""
        reused, state = self.last_stored()
        for named in self.trial.stages[:reused]:  # who stored it may have been killed before this
            self.store.drop_checkpoint(named.fingerprint)
        for named in self.trial.stages[reused:]:
            state = self.train(named, state)
        return Trained(state, tuple(named.fingerprint for named in self.trial.stages[:reused]), self.epochs)

    def last_stored(self) -> tuple[int, bytes | None]:
        """How many stages need not be trained, and the state of the last of them."""
        for count in range(len(self.trial.stages), 0, -1):
            entry = self.store.find(STAGES, self.trial.stages[count - 1].fingerprint)
            stored = self.store.read(entry, self.study.state_file) if entry else None
            if stored is not None:
                return count, stored
        return 0, None

    def train(self, named: NamedStage, parent: bytes | None) -> bytes:
        """Train a stage, from its last checkpoint if there is one, and store it."""
        look, name, pace = self.look, named.fingerprint, _Pace(self.report)
        job = StageJob(
            config=self.trial.config,
            parent=parent,
            checkpoint=self.store.read_checkpoint(name),
            save=partial(self.store.write_checkpoint, name),
            report=pace,
            after_epoch=partial(look, named) if look else None,
        )
        try:
            result = self.study.train(named.stage, job)
        except Diverged as error:
            if error.state:
                self.store.write_checkpoint(name, error.state)
            raise TrialFailed(str(error)) from error
        self.epochs += result.epochs
        record = _stage_record(named, pace, result) | self._origin()
        self.store.write(STAGES, name, {self.study.state_file: result.state}, record)
        self.store.drop_checkpoint(name)
        return result.state

    def measure(self, state: bytes | None) -> None:
        """Measure the test split, and keep results, proof and a few pictures."""
        began = time.monotonic()
        try:
            measured, proof = self._measured(state)
        except Diverged as error:
            raise TrialFailed(str(error)) from error
        files = {"results.parquet": _results(measured), "proof.json": json.dumps(proof, indent=1).encode()}
        pictures = {f"images/{file_name(name)}.png": measured.pictures[name] for name in apart(measured.pictures)}
        record = _trial_record(self.trial, time.monotonic() - began) | self._origin()
        self.store.write(TRIALS, self.trial.fingerprint, files | pictures, record)

    def _measured(self, state: bytes | None) -> tuple[Measured, dict[str, Any]]:
        """What measuring gave, and the proof."""
        study, config = self.study, self.trial.config
        if state is None:
            return study.measure_rule(config, self.trial.rule or "", TEST), {}
        model = study.model(config, state)
        proof = study.proof(config, [named.stage for named in self.trial.stages], model)
        return study.measure(config, model, TEST), dict(proof or {})

    def _origin(self) -> dict[str, Any]:
        """When, where and with what."""
        return origin(self.study, self.trial) | {
            "python": platform.python_version(),
            "machine": platform.node(),
            "study": self.study.name,
            "config": redacted(paths_of(self.trial.config)),
        }


class _Pace:
    """Passes progress on, and counts the steps that were done here and their time."""

    def __init__(self, report: Callable[[Progress], None] | None) -> None:
        self._report, self._began = report, time.monotonic()
        self.steps, self.last = 0, self._began

    def __call__(self, progress: Progress) -> None:
        self.steps, self.last = self.steps + 1, time.monotonic()
        if self._report:
            self._report(progress)

    @property
    def seconds(self) -> float:
        return self.last - self._began


def _stage_record(named: NamedStage, pace: _Pace, result: StageResult) -> dict[str, Any]:
    """`steps` and `seconds` are of the last process that worked on the stage, from its start or a checkpoint."""
    return {
        "kind": named.stage.kind,
        "seed": named.stage.seed,
        "epochs": named.epochs,
        "seconds": pace.seconds,
        "steps": pace.steps,
        "memory": result.memory,
        "log": [[epoch, terms] for epoch, terms in result.log],
        "samples": result.samples,
    }


def _trial_record(trial: Trial, seconds: float) -> dict[str, Any]:
    """`seconds` are those of measuring."""
    return {
        "row": trial.row,
        "seed": trial.seed,
        "seconds": seconds,
        "stages": [named.fingerprint for named in trial.stages],
    }


def _results(measured: Measured) -> bytes:
    rows = [(name, metric, value) for name, values in measured.samples for metric, value in values.items()]
    buffer = io.BytesIO()
    pd.DataFrame(rows, columns=["image", "metric", "value"]).to_parquet(buffer, index=False)
    return buffer.getvalue()
