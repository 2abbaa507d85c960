"""A statistic of a whole split, as values of its samples: what intervals are made of where it is no mean of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["effective_samples", "leave_one_out_values"]

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


def effective_samples(weights: Array | NDArray[np.int64]) -> Array:
    """How many samples of equal weight a statistic rests on: (sum w)^2 / sum w^2 (Kish, Survey Sampling, 1965).

    A class that few pictures have is decided by these, and by the largest of them; the others tell nothing about it.

    Args:
        weights: what each sample brings to a class, such as its pixels or boxes, shape (n, classes), each class
            with some.

    Returns:
        Of each class, 1 to n, and last of their mean, to which a sample brings the mean of its shares; (classes + 1,).
    """
    shares = weights / weights.sum(0)
    every = np.concatenate([shares, shares.mean(1, keepdims=True)], axis=1)
    return np.asarray(1 / np.square(every).sum(0))
