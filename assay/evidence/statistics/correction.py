"""Which cells of a table get a word, so that any false word in it has a chance of 5 %."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ALPHA", "FEWEST_SEEDS", "STEPPING_SEEDS", "corrected", "first_alpha", "levels_of"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int_]

ALPHA = 0.05  # of the whole table
FEWEST_SEEDS = 3  # with two, trainings that sometimes collapse are called different too often, and little is resolved
STEPPING_SEEDS = 4  # with three, the last rows would be tested at a level that their intervals do not hold


def corrected(p: Array, p_equal: Array, n_seeds: int) -> tuple[Array, Array]:
    """Adjusted p values of whole tables, of differences and of equivalence.

    From four seeds on step by step: each word makes the next one easier (Holm, Scand. J. Statist. 6, 1979). Where cells
    have margins there are two such descents, one over each kind of p value, that share the error without halving it: of
    the two hypotheses of a cell, "no difference" and "a difference of the margin or more", one at most is true. With k
    of m cells left, p is held against c(k) = q(k / m) / k of the error, q between 1/3 and 2/3. Before the first false
    word at least as many cells are left as there are true hypotheses, h in one descent and g in the other, h + g <= m;
    so by Bonferroni its chance is at most 5 % times q(h / m) + q(g / m), and that is at most 1.

    With three seeds every p counts m times, in both; with fewer there is no word.

    Args:
        p: of "no difference", shape (..., cells); nan where a cell can have no word.
        p_equal: of "a difference of the margin or more", of that shape; nan where a cell has no margin.
        n_seeds: the most that any row of the table has.
    """
    p, p_equal = np.asarray(p, dtype=float), np.asarray(p_equal, dtype=float)
    count = np.isfinite(p).sum(-1, keepdims=True)
    margins = np.asarray(np.isfinite(p_equal).any(-1, keepdims=True))
    if n_seeds < FEWEST_SEEDS:
        return np.full(p.shape, np.nan), np.full(p.shape, np.nan)
    if n_seeds < STEPPING_SEEDS:
        return np.minimum(p * count, 1.0), np.minimum(p_equal * count, 1.0)
    return _stepped(p, count, margins), _stepped(p_equal, count, margins)


def levels_of(cells: int) -> Array:
    """Every level at which a cell of a table of so many can be tested, with margins and without, in rising order."""
    left = np.arange(1, cells + 1)
    return np.unique([ALPHA * _share(left, cells, margins) for margins in (False, True)])


def first_alpha(cells: int, n_seeds: int, *, margins: bool) -> float:
    """The level at which the first cell of a table is tested.

    Args:
        cells: of the table.
        n_seeds: of its rows.
        margins: whether any of its metrics has one.
    """
    cells = max(cells, 1)
    return ALPHA / cells if n_seeds < STEPPING_SEEDS else float(ALPHA * _share(np.array(cells), cells, margins))


def _stepped(p: Array, count: Counts, margins: Flags) -> Array:
    order = np.argsort(p, axis=-1)  # nan last
    left = np.maximum(np.isfinite(p).sum(-1, keepdims=True) - np.arange(p.shape[-1]), 1)
    steps = np.maximum.accumulate(np.take_along_axis(p, order, -1) / _share(left, count, margins), axis=-1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(steps, 1.0), -1)
    return adjusted


def _share(left: Counts, count: Counts | int, margins: Flags | bool) -> Array:
    """Of the error, for one of `left` cells."""
    both = np.clip(left / np.maximum(count, 1), 1 / 3, 2 / 3)
    return np.where(margins, both, 1.0) / left
