"""Asynchronous successive halving (ASHA) on the values that trials report after the epochs of their last stage."""

from __future__ import annotations

from optuna.pruners import BasePruner, NopPruner, SuccessiveHalvingPruner

__all__ = ["ASHA", "NONE", "pruner_for", "rungs_of"]

ASHA, NONE = "asha", "none"
FACTOR = 3  # one in three goes on at each rung
RUNGS = 2  # before the end
FEWEST = 2  # epochs before the first


def pruner_for(kind: str, epochs: int) -> BasePruner:
    """The pruner of a search.

    Args:
        kind: `asha` or `none`.
        epochs: of the last stage, in which a trial reports.
    """
    if kind == NONE:
        return NopPruner()
    return SuccessiveHalvingPruner(min_resource=_first_rung(epochs), reduction_factor=FACTOR)


def rungs_of(epochs: int) -> list[int]:
    """The epochs of the last stage after which a trial may be stopped."""
    rung, rungs = _first_rung(epochs), []
    while rung < epochs:
        rungs.append(rung)
        rung *= FACTOR
    return rungs


def _first_rung(epochs: int) -> int:
    """So that the rungs are at about 1/9 and 1/3 of the last stage; one epoch alone tells too little."""
    return max(FEWEST, -(-epochs // FACTOR**RUNGS))
