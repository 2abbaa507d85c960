"""Intervals and p values for a mean whose uncertainty comes from few seeds and from many images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special  # scipy.stats takes a second to import

__all__ = ["Spread", "half_widths", "limits", "p_values", "t_quantile"]

Array = NDArray[np.float64]

SMALLEST_P = 1e-15


@dataclass(frozen=True)
class Spread:
    """What the variance of a mean is made of; arrays that broadcast against each other.

    Attributes:
        seeds, seeds_df: part that seeds bring, and its degrees of freedom.
        images, images_df: part that images bring, and its degrees of freedom (images less one); 0 if there are none,
            and a training gives one value.
        skewness: of the images' values.
    """

    seeds: Array
    seeds_df: Array
    images: Array
    images_df: int
    skewness: Array

    @property
    def error(self) -> Array:
        """Standard error of the mean."""
        return np.sqrt(self.seeds + self.images)


def half_widths(spread: Spread, alpha: Array | float) -> tuple[Array, Array]:
    """How far the interval of level 1 - alpha reaches below and above the mean.

    The two parts have very different degrees of freedom. Their sum with Welch's and Satterthwaite's degrees of freedom
    covers too seldom with two or three seeds, since a small estimate of the seeds' part also claims the many degrees
    of freedom of the images. Banerjee's interval (Sankhya 23, 1961), width^2 = t_seeds^2 V_seeds + t_images^2 V_images,
    covers at least 1 - alpha whatever the parts. The images' quantile is corrected for their skewness as in
    Hall (JRSS B 54, 1992), to the longer side only, with the skewness at the unfavourable end of its standard error.

    Args:
        spread: of at least two seeds and three images; the widths are nan where it is.
        alpha: in (0, 1].
    """
    t_seeds = t_quantile(alpha, spread.seeds_df)
    if not spread.images_df:
        alone = np.asarray(t_seeds * np.sqrt(spread.seeds))
        return alone, alone
    t_images = t_quantile(alpha, spread.images_df)
    n, error = spread.images_df + 1, _skewness_error(spread.images_df + 1)
    below = np.maximum(t_images, _hall(t_images, spread.skewness - error, n))
    above = np.maximum(t_images, -_hall(-t_images, spread.skewness + error, n))
    seeds = np.square(t_seeds) * spread.seeds
    return np.sqrt(seeds + np.square(below) * spread.images), np.sqrt(seeds + np.square(above) * spread.images)


def t_quantile(alpha: Array | float, df: Array | float) -> Array:
    """What Student's t exceeds in size with probability `alpha`."""
    return np.asarray(-special.stdtrit(df, np.asarray(alpha) / 2))


def limits(mean: Array, spread: Spread, level: float = 0.95) -> tuple[Array, Array]:
    """Lower and upper end of the interval for one mean by itself."""
    below, above = half_widths(spread, 1 - level)
    return mean - below, mean + above


def p_values(mean: Array, spread: Spread) -> Array:
    """The largest alpha whose interval still holds zero; nan where the spread is unknown, at least 1e-15."""
    mean = np.asarray(mean, dtype=float)
    low, high = np.full(mean.shape, np.log(SMALLEST_P)), np.zeros(mean.shape)
    whole = _holds_zero(mean, spread, np.ones(mean.shape))
    for _ in range(40):
        middle = (low + high) / 2
        holds = _holds_zero(mean, spread, np.exp(middle))
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    p = np.where(whole, 1.0, np.exp(high))
    return np.where(np.isfinite(mean) & np.isfinite(spread.error) & np.isfinite(spread.seeds_df), p, np.nan)


def _holds_zero(mean: Array, spread: Spread, alpha: Array) -> Array:
    below, above = half_widths(spread, alpha)
    return np.asarray((mean - below <= 0) & (mean + above >= 0))


def _hall(quantile: Array, skewness: Array, n: int) -> Array:
    """Quantile of the studentised mean of n skewed values, by Hall's monotone cubic transformation."""
    skewness = np.where(np.abs(skewness) < 1e-6, 1e-6, skewness)
    k = skewness / np.sqrt(n)
    return np.asarray(3 / k * (np.cbrt(1 + k * (quantile - k / 6)) - 1))


def _skewness_error(n: int) -> float:
    """Standard error of the skewness of n normal values."""
    return float(np.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))) if n > 2 else np.nan
