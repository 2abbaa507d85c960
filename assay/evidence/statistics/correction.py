"""Which cells of a table get a word, so that any false word in it has a chance of 5 %."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ALPHA", "FEWEST_SEEDS", "STEPPING_SEEDS", "corrected", "first_alpha"]

Array = NDArray[np.float64]

ALPHA = 0.05  # of the whole table
FEWEST_SEEDS = 3  # with two, trainings that sometimes collapse are called different too often, and little is resolved
STEPPING_SEEDS = 4  # with three, the last rows would be tested at a level that their intervals do not hold


def corrected(p: Array, n_seeds: int) -> Array:
    """Adjusted p values of whole tables.

    Step-down (Holm, Scand. J. Statist. 6, 1979) from four seeds on, every p times the number of cells with three
    (Bonferroni), and none with fewer.

    Args:
        p: shape (..., cells); nan where a cell has none.
        n_seeds: the most that any row of the table has.
    """
    p = np.asarray(p, dtype=float)
    if n_seeds < FEWEST_SEEDS:
        return np.full(p.shape, np.nan)
    count = np.isfinite(p).sum(-1, keepdims=True)
    if n_seeds < STEPPING_SEEDS:
        return np.minimum(p * count, 1.0)
    order = np.argsort(p, axis=-1)  # nan last
    left = np.maximum(count - np.arange(p.shape[-1]), 1)
    steps = np.minimum(np.maximum.accumulate(np.take_along_axis(p, order, -1) * left, axis=-1), 1.0)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, steps, -1)
    return adjusted


def first_alpha(cells: int) -> float:
    """The level at which the first cell of a table is tested, whatever the number of seeds."""
    return ALPHA / max(cells, 1)
