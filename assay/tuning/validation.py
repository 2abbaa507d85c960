"""When a trial of a search is validated, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay.tuning.pruning import rungs_of

__all__ = ["Metrics", "Validated", "mean_of", "validation_steps"]

MOST = 10  # validations of one trial, beside those at the rungs
Metrics = Mapping[str, float]


@dataclass(frozen=True)
class Validated:
    """What a trial gave.

    Attributes:
        metrics: means over the validation pairs, of the trained network.
        curve: the same after some epochs of the last stage; empty if it was in the store and nobody had validated it.
        seconds: wall time of this trial here.
        trained_epochs: epochs that it trained itself.
    """

    metrics: Metrics
    curve: tuple[tuple[int, Metrics], ...]
    seconds: float
    trained_epochs: int


def mean_of(each: Sequence[Metrics]) -> dict[str, float]:
    """Metric -> mean over the seeds of a sample."""
    return {name: math.fsum(values[name] for values in each) / len(each) for name in each[0]}


def validation_steps(epochs: int) -> frozenset[int]:
    """After which of so many epochs a trial is validated: evenly, at every rung, and at the end."""
    every = -(-epochs // MOST)
    return frozenset({*range(every, epochs, every), *rungs_of(epochs), epochs})
