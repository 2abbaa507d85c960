"""The variance between the seeds of every row, from all rows and metrics of a table together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

__all__ = ["SHARED_BASE", "SeedVariance", "seed_variance"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

SHARED_BASE = 0.5  # correlation of two rows' differences to one base when all three vary alike
BAYES_SEEDS = 5  # fewer cannot tell how much the rows' variances differ
MOST_LENT = 2  # degrees of freedom that the other rows lend a row, for each of its own


@dataclass(frozen=True)
class SeedVariance:
    """Variances between seeds as they are used; arrays of shape (..., metrics, rows) but where another is told.

    Attributes:
        variance: of one seed's mean over images; nan where it is unknown.
        df: its degrees of freedom.
        lent: degrees of freedom that the rows could lend each other by how little their variances differ, before the
            limit that `MOST_LENT` sets; shape (..., 1, 1).
        worth: for how many independent rows all rows together stand, shape (..., metrics, 1).
    """

    variance: Array
    df: Array
    lent: Array
    worth: Array

    def of_metric(self, place: int) -> SeedVariance:
        """Of one metric of a single table, shape (rows,)."""
        lent, worth = self.lent[0], self.worth[place]
        return SeedVariance(self.variance[place], self.df[place], lent, worth)

    def of_rows(self, places: Sequence[int]) -> SeedVariance:
        """Of some rows, which may be one row several times."""
        return SeedVariance(self.variance[..., places], self.df[..., places], self.lent, self.worth)

    def df_with(self, n_seeds: Array | float, *, calm: bool) -> Array:
        """The degrees of freedom of a calm or of a restless row if every row had `n_seeds` seeds, at least 2."""
        own = np.broadcast_to(np.asarray(n_seeds, dtype=float) - 1, self.df.shape)
        together = own * self.worth
        bayes = np.minimum(np.minimum(self.lent, MOST_LENT * own) + own, np.maximum(own, together))
        df = np.where(own + 1 >= BAYES_SEEDS, bayes, together) if calm else own
        return np.where(np.isfinite(self.df), df, np.nan)


def seed_variance(variances: Array, dof: Array, correlation: Array | float = SHARED_BASE) -> SeedVariance:
    """Variance between seeds of every row.

    Few seeds say little about the variance of one row, so a calm row leans on the others. From five seeds on by
    empirical Bayes (Smyth, Stat. Appl. Genet. Mol. Biol. 3, 2004): variances of all rows scatter around a common one,
    the less the more alike the rows are, and a row that lies below it is drawn to it. The common variance is that of
    the logarithms, which one diverged training hardly moves. With fewer seeds a row that lies below the rows' mean has
    that mean. A row that lies above keeps what is its own, the degrees of freedom too: training that became unstable
    must not borrow the calm of the rest.

    Args:
        variances: of the seeds' means, shape (..., metrics, rows); nan where a row has one seed.
        dof: seeds less one, of a shape that broadcasts to that; 0 of a row that says nothing.
        correlation: of two rows' seed effects, which makes R rows worth less than R (as in Box's epsilon, 1954);
            shape (..., metrics).
    """
    variances = np.asarray(variances, dtype=float)
    own = np.where(np.isfinite(variances), np.broadcast_to(np.asarray(dof, dtype=float), variances.shape), 0.0)
    known = own > 0
    rows, most = known.sum(-1, keepdims=True), own.max((-2, -1), keepdims=True)
    worth = rows / (1 + np.maximum(rows - 1, 0) * np.square(np.asarray(correlation, dtype=float))[..., None])
    together = worth * own.sum(-1, keepdims=True) / np.maximum(rows, 1)
    bayes = most + 1 >= BAYES_SEEDS
    lent, common = _prior(variances, own, MOST_LENT * most)
    limited = np.minimum(lent, MOST_LENT * most)
    level = np.where(bayes, common, _mean(variances, own))
    calm = known & (rows > 1) & (variances <= level * (1 + 1e-12))  # rounding leaves equal rows equal
    drawn = _ratio(limited * level + own * np.where(known, variances, 0.0), limited + own)
    df = np.where(bayes, np.minimum(limited + own, np.maximum(own, together)), together)
    variance = np.where(calm, np.where(bayes, drawn, level), np.where(known, variances, np.nan))
    return SeedVariance(variance, np.where(calm, df, np.where(known, own, np.nan)), lent, worth)


def _prior(variances: Array, own: Array, most: Array) -> tuple[Array, Array]:
    """Degrees of freedom of the rows' common variance, shape (..., 1, 1), and it, shape (..., metrics, 1).

    A row without any variance has no logarithm and takes no part.
    """
    used = (own > 0) & (variances > 0)
    half = np.where(used, own, 1.0) / 2
    logs = np.log(np.where(used, variances, 1.0)) - special.digamma(half) + np.log(half)
    mean = _mean(logs, used)
    freedom = np.maximum(used.sum(-1, keepdims=True) - 1, 0)
    spread = _ratio(np.where(used, np.square(logs - mean), 0.0).sum(-1, keepdims=True), freedom)
    excess = spread - _mean(special.polygamma(1, half), used)  # beyond what chance makes of equal rows
    lent = 2 * _inverse_trigamma(_mean(excess, freedom > 0, (-2, -1)))
    limited = np.minimum(lent, most) / 2
    with np.errstate(invalid="ignore", divide="ignore"):  # no row at all
        return lent, np.exp(mean + special.digamma(limited) - np.log(limited))


def _mean(values: Array, weights: Array | Flags, axes: int | tuple[int, ...] = -1) -> Array:
    total = np.where(weights > 0, values * weights, 0.0).sum(axes, keepdims=True)
    return _ratio(total, weights.sum(axes, keepdims=True))


def _ratio(part: Array, whole: Array) -> Array:
    """nan where the whole is not above zero."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)


def _inverse_trigamma(value: Array) -> Array:
    """Infinite where `value` is zero or less, or unknown."""
    y = np.where(value > 0, value, 1.0)
    x = 0.5 + 1 / y
    for _ in range(12):  # Newton's steps on 1/trigamma, which is nearly straight: they end within rounding
        known = special.polygamma(1, x)
        x = x + known * (1 - known / y) / special.polygamma(2, x)
    return np.where(value > 0, x, np.inf)
