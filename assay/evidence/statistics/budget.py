"""What a number of seeds can resolve: the smallest difference, and the seeds that a difference needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from assay.evidence.statistics.differences import Differences
from assay.evidence.statistics.interval import half_widths

__all__ = ["POWER", "seeds_needed", "smallest_effect"]

Array = NDArray[np.float64]

POWER = 0.8  # if the variances were known; with two to six seeds, which estimate them, it is 0.5 to 0.8
MOST_SEEDS = 10_000


def smallest_effect(differences: Differences, n_seeds: Array | float, alpha: float) -> Array:
    """The true difference that would more likely than not be resolved (see POWER).

    Args:
        differences: where the variances come from; images stay as they are.
        n_seeds: at least 2.
        alpha: error of one comparison; 0.05 / number of comparisons holds 5 % for a table.

    Returns:
        An entry per row, in units of the metric; nan where the variances are unknown.
    """
    spread = differences.spread_with(np.asarray(n_seeds, dtype=float))
    return np.maximum(*half_widths(spread, alpha)) + special.ndtri(POWER) * spread.error


def seeds_needed(differences: Differences, alpha: float) -> Array:
    """Seeds with which the present difference, if it is the true one, would more likely than not be resolved.

    Returns:
        An entry per row: at least 2; infinity if not even 10,000 seeds would do, because the images leave too much
        open; nan where the variances are unknown.
    """
    size = np.abs(differences.mean)
    low, high = np.full(size.shape, 1.0), np.full(size.shape, float(MOST_SEEDS))
    known = np.isfinite(differences.spread().error)
    enough = smallest_effect(differences, high, alpha) <= size
    for _ in range(int(np.ceil(np.log2(MOST_SEEDS)))):
        middle = np.floor((low + high) / 2)
        sees = smallest_effect(differences, np.maximum(middle, 2), alpha) <= size
        low, high = np.where(sees, low, middle), np.where(sees, middle, high)
    return np.where(known, np.where(enough, np.maximum(high, 2), np.inf), np.nan)
