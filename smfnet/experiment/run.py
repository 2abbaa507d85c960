"""Run one trial against the store: train the stages that are missing, measure, and keep what came out."""

from __future__ import annotations

import io
import json
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import torch

from smfnet.config.compose import paths_of
from smfnet.data import Patches, patches, png, test_pairs, training_pairs
from smfnet.experiment.baseline import RULES
from smfnet.experiment.evaluation import Fuse, Measured, measure_pairs
from smfnet.experiment.proof import proof_of
from smfnet.experiment.results import safe_name
from smfnet.experiment.store import STAGES, TRIALS, Store
from smfnet.experiment.trial import NamedStage, Trial
from smfnet.model import build
from smfnet.training import Diverged, Progress, State, device_of, run_stage
from smfnet.training.state import restore_model

__all__ = ["IMAGES_KEPT", "Outcome", "TrialFailed", "run_trial"]

IMAGES_KEPT = 4


class TrialFailed(RuntimeError):
    """A trial cannot give a result; the message is the reason that the table shows."""


@dataclass(frozen=True)
class Outcome:
    """What a finished trial did.

    Attributes:
        reused: fingerprints of stages that were in the store.
        trained_epochs: epochs that this trial trained itself.
        seconds: wall time.
        measured_before: the measurements were in the store too.
    """

    trial: str
    reused: tuple[str, ...]
    trained_epochs: int
    seconds: float
    measured_before: bool


def run_trial(trial: Trial, store: Store, report: Callable[[Progress], None] | None = None) -> Outcome:
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
    reused, state = [], None
    for named in trial.stages:
        state, was_there = maker.stage(named, state)
        if was_there:
            reused.append(named.fingerprint)
    maker.measure(state)
    return Outcome(trial.id, tuple(reused), maker.epochs, time.monotonic() - began, False)


def _whole(store: Store, trial: Trial) -> bool:
    entry = store.find(TRIALS, trial.fingerprint)
    return entry is not None and store.verify(entry)


class _Maker:
    """One trial at work; loads the training patches once, and only if something has to be trained."""

    def __init__(self, trial: Trial, store: Store, report: Callable[[Progress], None] | None) -> None:
        self.trial, self.store, self.report = trial, store, report
        self.epochs = 0
        self._patches: Patches | None = None

    def stage(self, named: NamedStage, parent: State | None) -> tuple[State, bool]:
        """The stage's last state, from the store or trained, and whether it was there."""
        entry = self.store.find(STAGES, named.fingerprint)
        stored = self.store.read(entry, "state.safetensors") if entry else None
        if stored is not None:
            return State.from_bytes(stored), True
        return self._train(named, parent), False

    def _train(self, named: NamedStage, parent: State | None) -> State:
        saved = self.store.read_checkpoint(named.fingerprint)
        checkpoint = State.from_bytes(saved) if saved else None
        began = time.monotonic()
        try:
            state = run_stage(
                named.stage,
                self.patches,
                parent=parent,
                checkpoint=checkpoint,
                save=lambda now: self.store.write_checkpoint(named.fingerprint, now.to_bytes()),
                report=self.report,
            )
        except Diverged as error:
            self.store.write_checkpoint(named.fingerprint, error.state.to_bytes())
            raise TrialFailed(str(error)) from error
        first = checkpoint.epoch if checkpoint else named.stage.first_epoch
        self.epochs += named.stage.last_epoch - first
        record = _stage_record(named, time.monotonic() - began, state)
        self.store.write(STAGES, named.fingerprint, {"state.safetensors": state.to_bytes()}, record)
        self.store.drop_checkpoint(named.fingerprint)
        return state

    def measure(self, state: State | None) -> None:
        """Fuse and measure the test pairs, and keep results, proof and a few images."""
        device = device_of(self.trial.config.train)
        proof: dict[str, Any] = {}
        if state is None:
            fuse, stretch = RULES[self.trial.rule or ""]
            infer = self.trial.config.infer if stretch else replace(self.trial.config.infer, rescale="clip")
        else:
            network = build(self.trial.config.model).to(device)
            restore_model(network, state)
            fuse, infer = network.eval().fuse, self.trial.config.infer
            proof = proof_of(self.trial, network, self.patches, device)
        measured = self._measured(fuse, infer, device)
        files = {"results.parquet": _results(measured), "proof.json": json.dumps(proof, indent=1).encode()}
        self.store.write(TRIALS, self.trial.fingerprint, files | self._images(measured), _trial_record(self.trial))

    def _measured(self, fuse: Fuse, infer: Any, device: torch.device) -> list[Measured]:
        try:
            return measure_pairs(test_pairs(self.trial.config.data), fuse, infer, device)
        except ValueError as error:
            raise TrialFailed(str(error)) from error

    def _images(self, measured: list[Measured]) -> dict[str, bytes]:
        files = {f"images/{safe_name(each.name)}.png": png(each.image) for each in measured[:IMAGES_KEPT]}
        return files

    @property
    def patches(self) -> Patches:
        if self._patches is None:
            data = self.trial.config.data
            self._patches = patches(training_pairs(data), data)
        return self._patches


def _stage_record(named: NamedStage, seconds: float, state: State) -> dict[str, Any]:
    return {
        "kind": named.stage.kind,
        "seed": named.stage.seed,
        "epochs": named.stage.last_epoch - named.stage.first_epoch,
        "seconds": seconds,
        "log": [[entry.epoch, entry.terms] for entry in state.log],
        **_circumstances(named.stage.config),
    }


def _trial_record(trial: Trial) -> dict[str, Any]:
    return {
        "row": trial.row,
        "seed": trial.seed,
        "stages": [named.fingerprint for named in trial.stages],
        **_circumstances(trial.config),
    }


def _circumstances(config: Any) -> dict[str, Any]:
    """Where and when; none of it decides the result."""
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.node(),
        "config": paths_of(config),
    }


def _results(measured: list[Measured]) -> bytes:
    rows = [(each.name, metric, value) for each in measured for metric, value in each.values.items()]
    buffer = io.BytesIO()
    pd.DataFrame(rows, columns=["image", "metric", "value"]).to_parquet(buffer, index=False)
    return buffer.getvalue()
