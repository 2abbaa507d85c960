"""Run one trial against the store: train the stages that are missing, measure, and keep what came out."""

from __future__ import annotations

import io
import json
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import torch

from assay.config.credentials import redacted
from assay.config.section import Section, paths_of
from assay.experiment.circumstances import made_with
from assay.experiment.proof import measure_proof
from assay.experiment.trial import NamedStage, Trial
from assay.store.names import file_name
from assay.store.store import STAGES, TRIALS, Store
from assay.training.loop import Diverged, Progress, train_stage
from assay.training.precision import device_of, numeric_mode
from assay.training.probe import forget_peak, peak_memory
from assay.training.state import State, restore_model
from smfnet.data import Patches, png, test_pairs, training_patches
from smfnet.fusion.rules import fusion_of
from smfnet.fusion.test_step import Fuse, Measured, measure_pairs
from smfnet.model import SMFNet, build

__all__ = ["IMAGES_KEPT", "Look", "Outcome", "Trained", "TrialFailed", "execute_trial", "network_of", "train_trial"]

IMAGES_KEPT = 4
Look = Callable[[NamedStage, int, SMFNet], None]  # stage, its epochs that are done, the network in evaluation mode


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


def execute_trial(trial: Trial, store: Store, report: Callable[[Progress], None] | None = None) -> Outcome:
    """Make sure that the store holds a trial's measurements; what is there already is not made again.

    Args:
        trial: what to run.
        store: where stages and measurements are kept.
        report: called after every training step.

    Raises:
        TrialFailed: a loss became non-finite, with the reason.
    """
    began = time.monotonic()
    if _whole(store, trial):
        return Outcome(trial.id, tuple(s.fingerprint for s in trial.stages), 0, time.monotonic() - began, True)
    maker = _Maker(trial, store, report)
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

    state: State | None
    reused: tuple[str, ...]
    epochs: int


def train_trial(
    trial: Trial, store: Store, report: Callable[[Progress], None] | None = None, look: Look | None = None
) -> Trained:
    """Train the stages that the store lacks, and measure nothing.

    Args:
        trial: whose stages.
        store: where they are kept.
        report: called after every training step.
        look: called after every epoch that is trained.

    Raises:
        TrialFailed: a loss became non-finite, with the reason.
    """
    return _Maker(trial, store, report, look).train_all()


def network_of(trial: Trial, state: State) -> SMFNet:
    """The trained network, in evaluation mode on the trial's device."""
    network = build(trial.config.model).to(device_of(trial.config.train))
    restore_model(network, state)
    return network.eval()


def _whole(store: Store, trial: Trial) -> bool:
    entry = store.find(TRIALS, trial.fingerprint)
    return entry is not None and store.verify(entry)


class _Maker:
    """One trial at work; loads the training patches once, and only if they are needed."""

    def __init__(
        self, trial: Trial, store: Store, report: Callable[[Progress], None] | None, look: Look | None = None
    ) -> None:
        self.trial, self.store, self.report, self.look = trial, store, report, look
        self.epochs = 0
        self._patches: Patches | None = None

    def train_all(self) -> Trained:
        """Train every stage that is not stored."""
        reused, state = self.last_stored()
        for named in self.trial.stages[reused:]:
            state = self.train(named, state)
        return Trained(state, tuple(named.fingerprint for named in self.trial.stages[:reused]), self.epochs)

    def last_stored(self) -> tuple[int, State | None]:
        """How many stages need not be trained, and the state of the last of them."""
        for count in range(len(self.trial.stages), 0, -1):
            entry = self.store.find(STAGES, self.trial.stages[count - 1].fingerprint)
            stored = self.store.read(entry, "state.safetensors") if entry else None
            if stored is not None:
                return count, State.from_bytes(stored)
        return 0, None

    def train(self, named: NamedStage, parent: State | None) -> State:
        """Train a stage, from its last checkpoint if there is one, and store it."""
        saved = self.store.read_checkpoint(named.fingerprint)
        checkpoint = State.from_bytes(saved) if saved else None
        images, pace = self.patches, _Pace(self.report)
        forget_peak(device_of(named.stage.config.train))
        look = self.look
        try:
            state = train_stage(
                named.stage,
                images,
                parent=parent,
                checkpoint=checkpoint,
                save=lambda now: self.store.write_checkpoint(named.fingerprint, now.to_bytes()),
                report=pace,
                after_epoch=(lambda epochs, network: look(named, epochs, network)) if look else None,
            )
        except Diverged as error:
            self.store.write_checkpoint(named.fingerprint, error.state.to_bytes())
            raise TrialFailed(str(error)) from error
        first = checkpoint.epoch if checkpoint else named.stage.first_epoch
        self.epochs += named.stage.last_epoch - first
        record = _stage_record(named, self.trial.config, pace, state) | {"patches": len(images)}
        self.store.write(STAGES, named.fingerprint, {"state.safetensors": state.to_bytes()}, record)
        self.store.drop_checkpoint(named.fingerprint)
        return state

    def measure(self, state: State | None) -> None:
        """Fuse and measure the test pairs, and keep results, proof and a few images."""
        with numeric_mode(self.trial.config.train):
            self._measure(state, device_of(self.trial.config.train))

    def _measure(self, state: State | None, device: torch.device) -> None:
        began = time.monotonic()
        proof: dict[str, Any] = {}
        if state is None:
            fuse, infer = fusion_of(self.trial.rule or "", self.trial.config.infer)
        else:
            network = network_of(self.trial, state)
            fuse, infer = network.fuse, self.trial.config.infer
            proof = measure_proof(self.trial, network, self.patches, device)
        measured = self._measured(fuse, infer, device)
        files = {"results.parquet": _results(measured), "proof.json": json.dumps(proof, indent=1).encode()}
        self.store.write(
            TRIALS,
            self.trial.fingerprint,
            files | self._images(measured),
            _trial_record(self.trial, time.monotonic() - began),
        )

    def _measured(self, fuse: Fuse, infer: Any, device: torch.device) -> list[Measured]:
        try:
            return measure_pairs(test_pairs(self.trial.config.data), fuse, infer, device)
        except ValueError as error:
            raise TrialFailed(str(error)) from error

    def _images(self, measured: list[Measured]) -> dict[str, bytes]:
        return {f"images/{file_name(each.name)}.png": png(each.image) for each in measured[:IMAGES_KEPT]}

    @property
    def patches(self) -> Patches:
        if self._patches is None:
            self._patches = training_patches(self.trial.config.data)
        return self._patches


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


def _stage_record(named: NamedStage, config: Section, pace: _Pace, state: State) -> dict[str, Any]:
    """`steps` and `seconds` are of the last process that worked on the stage, from its start or a checkpoint."""
    return {
        "kind": named.stage.kind,
        "seed": named.stage.seed,
        "epochs": named.epochs,
        "seconds": pace.seconds,
        "steps": pace.steps,
        "memory": peak_memory(device_of(named.stage.config.train)),
        "log": [[entry.epoch, entry.terms] for entry in state.log],
        **_origin(named.stage.config.train, config),
    }


def _trial_record(trial: Trial, seconds: float) -> dict[str, Any]:
    """`seconds` are those of the test step."""
    return {
        "row": trial.row,
        "seed": trial.seed,
        "seconds": seconds,
        "stages": [named.fingerprint for named in trial.stages],
        **_origin(trial.config.train, trial.config),
    }


def _origin(train: Any, config: Section) -> dict[str, Any]:
    """When, where and with what; `made_with` decides the last digits, the rest nothing."""
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_with": made_with(device_of(train), train.threads),
        "python": platform.python_version(),
        "machine": platform.node(),
        "config": redacted(paths_of(config)),
    }


def _results(measured: list[Measured]) -> bytes:
    rows = [(each.name, metric, value) for each in measured for metric, value in each.values.items()]
    buffer = io.BytesIO()
    pd.DataFrame(rows, columns=["image", "metric", "value"]).to_parquet(buffer, index=False)
    return buffer.getvalue()
