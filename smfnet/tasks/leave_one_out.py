"""A statistic of a whole split, as values of its samples: what intervals are made of where it is no mean of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["leave_one_out_values"]

Array = NDArray[np.float64]


def leave_one_out_values(whole: Array, without: Array) -> Array:
    """The jackknife's pseudo-values (Tukey 1958), moved so that their mean is the statistic itself.

    value_i = T + (n - 1) (mean_j T_(-j) - T_(-i)). The differences between samples, and so every variance, are those of
    the pseudo-values n T - (n - 1) T_(-i); the jackknife's correction of the bias, which papers do not make, is left
    out. Of a mean over samples they are the samples. The difference of two methods has the difference of their values.

    Args:
        whole: the statistic of all samples, shape (...).
        without: of all but one sample, shape (n, ...), n of at least 2.

    Returns:
        Shape (n, ...), a value of each sample.
    """
    return np.asarray(whole + (len(without) - 1) * (without.mean(0) - without))
