"""What a number of seeds can resolve."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from assay.evidence.statistics.correction import FEWEST_SEEDS
from assay.evidence.statistics.differences import Differences
from assay.evidence.statistics.interval import half_widths

__all__ = ["POWER", "smallest_effect"]

Array = NDArray[np.float64]

POWER = 0.8  # if the variances were known; as few seeds estimate them, it is 0.55 to 0.85


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
