"""What a number of seeds can resolve: the smallest difference, and the seeds that a difference needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from assay.evidence.statistics.correction import FEWEST_SEEDS
from assay.evidence.statistics.differences import Differences
from assay.evidence.statistics.interval import half_widths

__all__ = ["POWER", "seeds_needed", "smallest_effect"]

Array = NDArray[np.float64]

POWER = 0.8  # if the variances were known; as few seeds estimate them, it is 0.55 to 0.85
MOST_SEEDS = 10_000


def smallest_effect(differences: Differences, n_seeds: Array | float, alpha: float) -> Array:
    """The true difference that would more likely than not be resolved (see POWER).

    Of rows that are alike about one half turns out more restless than the others by chance, with an interval from its
    own seeds alone; so the widths of a calm and of a restless row are averaged.

    Args:
        differences: where the variances come from; images stay as they are.
        n_seeds: at least 2, one number or an entry per row.
        alpha: error of one comparison, see `first_alpha`.

    Returns:
        An entry per row, in units of the metric; infinite with two seeds, which resolve nothing; nan where the
        variances are unknown.
    """
    calm, restless = (differences.spread_with(n_seeds, calm=calm) for calm in (True, False))
    width = (np.maximum(*half_widths(calm, alpha)) + np.maximum(*half_widths(restless, alpha))) / 2
    effect = width + special.ndtri(POWER) * calm.error
    return np.where((np.asarray(n_seeds) < FEWEST_SEEDS) & np.isfinite(effect), np.inf, effect)


def seeds_needed(differences: Differences, alpha: float) -> Array:
    """Seeds with which the present difference, if it is the true one, would more likely than not be resolved.

    Returns:
        An entry per row: at least 3; infinity if not even 10,000 seeds would do, because the images leave too much
        open; nan where the variances are unknown.
    """
    size = np.abs(differences.mean)
    low, high = np.full(size.shape, FEWEST_SEEDS - 1.0), np.full(size.shape, float(MOST_SEEDS))
    known = np.isfinite(differences.spread().error)
    enough = smallest_effect(differences, high, alpha) <= size
    for _ in range(int(np.ceil(np.log2(MOST_SEEDS)))):
        middle = np.floor((low + high) / 2)
        sees = smallest_effect(differences, np.maximum(middle, FEWEST_SEEDS), alpha) <= size
        low, high = np.where(sees, low, middle), np.where(sees, middle, high)
    return np.where(known, np.where(enough, high, np.inf), np.nan)
