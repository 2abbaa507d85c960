"""A stage of training: what it is, what it is given to work with, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["AfterEpoch", "Cost", "Diverged", "Progress", "Stage", "StageJob", "StageResult"]

AfterEpoch = Callable[[int, Any], None]  # epochs of the stage that are done, and the model as measuring takes it


class Stage(Protocol):
    """A unit of training and of reuse: what decides the result is what it holds.

    Attributes:
        kind: a word.
        seed: of initial weights, order of samples and whatever else is drawn.
        config: without the values that such a stage ignores, see `assay.config.ignored`.
        first_epoch, last_epoch: of the whole training, from 0; the last one no longer belongs to the stage.
    """

    @property
    def kind(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def config(self) -> Any: ...
    @property
    def first_epoch(self) -> int: ...
    @property
    def last_epoch(self) -> int: ...


@dataclass(frozen=True)
class Progress:
    """Where a stage is: steps done and to do, the last loss, and the seconds left at the present pace.

    A study that cannot look into its training says 0 steps to do; a loss and seconds that are unknown are nan.
    """

    stage: str
    step: int
    steps: int
    loss: float
    eta_s: float


class Diverged(RuntimeError):
    """A training cannot go on, and the message says why: a loss is not finite, say.

    `state` is the moment before, in the study's own bytes; a stage that goes on from it fails again at once.
    """

    def __init__(self, message: str, state: bytes = b"") -> None:
        super().__init__(message)
        self.state = state


def _no_report(progress: Progress) -> None:
    """Nobody wants to know."""


def _no_save(checkpoint: bytes) -> None:
    """Nobody keeps it."""


@dataclass(frozen=True)
class StageJob:
    """What a study is given to train a stage.

    Attributes:
        config: of the whole trial: it says where the data are. What of it the stage's own configuration lacks, the
            stage must not read.
        parent: state of the stage before it, if there is one.
        checkpoint: an earlier moment of this stage, if one is kept.
        save: keeps a checkpoint, as often as the study likes.
        report: shows progress; called after every step, or as often as the study knows of any.
        after_epoch: looks at the model after an epoch, as a search does to validate it; the training must go on as if
            nobody had looked. A study whose training cannot be looked into leaves it alone.
    """

    config: Any
    parent: bytes | None = None
    checkpoint: bytes | None = None
    save: Callable[[bytes], None] = _no_save
    report: Callable[[Progress], None] = _no_report
    after_epoch: AfterEpoch | None = None


@dataclass(frozen=True)
class StageResult:
    """What training a stage gave.

    Attributes:
        state: all that the next stage and measuring need, in the study's own bytes.
        epochs: that were trained now: fewer than the stage has if it went on from a checkpoint.
        log: epoch, and term of the loss -> its weight and its mean over that epoch.
        samples: that an epoch trains on; 0 if that is not known.
        memory: most bytes held; 0 if that is not known.
    """

    state: bytes
    epochs: int
    log: tuple[tuple[int, Mapping[str, tuple[float, float]]], ...] = ()
    samples: int = 0
    memory: int = 0


@dataclass(frozen=True)
class Cost:
    """What training takes.

    Attributes:
        step_s: wall seconds of one step.
        memory: most bytes held at once.
        busy: share of the step in which a GPU computes; 1 if that is not known.
    """

    step_s: float
    memory: int
    busy: float = 1.0
