"""When a trial of a search is validated, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assay.tuning.pruning import rungs_of

__all__ = ["Metrics", "Validated", "validation_steps"]

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


def validation_steps(epochs: int) -> frozenset[int]:
    """After which of so many epochs a trial is validated: evenly, at every rung, and at the end."""
    every = -(-epochs // MOST)
    return frozenset({*range(every, epochs, every), *rungs_of(epochs), epochs})
