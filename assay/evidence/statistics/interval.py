"""Intervals and p values for a mean whose uncertainty comes from few seeds and from many images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special  # scipy.stats takes a second to import

__all__ = ["Spread", "bounds", "equivalence_p_values", "half_widths", "limits", "p_values", "t_quantile"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

SMALLEST_P = 1e-15


@dataclass(frozen=True)
class Spread:
    """What the variance of a mean is made of; arrays that broadcast against each other.

    Attributes:
        seeds, seeds_df: part that seeds bring, and its degrees of freedom.
        images, images_df: part that images bring, and its degrees of freedom (what they are worth, less one); 0 if
            there are none, and a training gives one value.
        skewness: of the images' values.
        draws, draws_df: part that a drawn design brings, and its degrees of freedom; nothing where none was drawn.
        n_images: how many values the skewness is of; None: one more than images have degrees of freedom.
    """

    seeds: Array
    seeds_df: Array
    images: Array
    images_df: float
    skewness: Array
    draws: Array | float = 0.0
    draws_df: int = 1
    n_images: int | None = None

    @property
    def error(self) -> Array:
        """Standard error of the mean."""
        return np.sqrt(self.seeds + self.images + self.draws)


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
    others = np.square(t_quantile(alpha, spread.seeds_df)) * spread.seeds
    if np.any(spread.draws):
        others = others + np.square(t_quantile(alpha, spread.draws_df)) * spread.draws
    if not spread.images_df:
        alone = np.asarray(np.sqrt(others))
        return alone, alone
    t_images = t_quantile(alpha, spread.images_df)
    n = spread.images_df + 1 if spread.n_images is None else spread.n_images
    error = _skewness_error(n)
    below = np.maximum(t_images, _hall(t_images, spread.skewness - error, n))
    above = np.maximum(t_images, -_hall(-t_images, spread.skewness + error, n))
    return np.sqrt(others + np.square(below) * spread.images), np.sqrt(others + np.square(above) * spread.images)


def t_quantile(alpha: Array | float, df: Array | float) -> Array:
    """What Student's t exceeds in size with probability `alpha`."""
    return np.asarray(-special.stdtrit(df, np.asarray(alpha) / 2))


def limits(mean: Array, spread: Spread, level: Array | float = 0.95) -> tuple[Array, Array]:
    """Lower and upper end of the interval for one mean by itself."""
    below, above = half_widths(spread, 1 - level)
    return mean - below, mean + above


def p_values(mean: Array, spread: Spread) -> Array:
    """The largest alpha whose interval still holds zero; nan where the spread is unknown, at least 1e-15."""
    mean = np.asarray(mean, dtype=float)
    p = _first(lambda alpha: ~_holds_zero(mean, spread, alpha), mean.shape, 1.0)
    return np.where(_known(mean, spread), p, np.nan)


def equivalence_p_values(mean: Array, spread: Spread, margin: Array | float) -> Array:
    """Two one-sided tests of "the difference is as large as the margin, or larger" (Schuirmann 1987).

    Equivalent at level a are differences whose interval of level 1 - 2a lies inside the margins on both sides.

    Returns:
        The smallest such a, at most 0.5 and at least 1e-15; 1 where there is none; nan where the spread is unknown and
        without a margin.
    """
    mean, margin = np.asarray(mean, dtype=float), np.asarray(margin, dtype=float)
    p = _first(lambda a: _inside(mean, spread, 2 * a, margin), mean.shape, 0.5)
    return np.where(_known(mean, spread) & np.isfinite(margin), p, np.nan)


def bounds(mean: Array, spread: Spread, alpha: float = 0.05) -> Array:
    """How large the true difference may be, either way: it is larger with a chance of `alpha`."""
    low, high = limits(mean, spread, 1 - 2 * alpha)
    return np.maximum(np.abs(low), np.abs(high))


def _first(true_at: Callable[[Array], Flags], shape: tuple[int, ...], most: float) -> Array:
    """The smallest level, at most `most`, from which on something is true; 1 where it is not even there."""
    low, high = np.full(shape, np.log(SMALLEST_P)), np.full(shape, np.log(most))
    ever = true_at(np.full(shape, most))
    for _ in range(40):
        middle = (low + high) / 2
        true = true_at(np.exp(middle))
        low, high = np.where(true, low, middle), np.where(true, middle, high)
    return np.where(ever, np.exp(high), 1.0)


def _known(mean: Array, spread: Spread) -> Flags:
    return np.isfinite(mean) & np.isfinite(spread.error) & np.isfinite(spread.seeds_df)


def _holds_zero(mean: Array, spread: Spread, alpha: Array) -> Flags:
    below, above = half_widths(spread, alpha)
    return (mean - below <= 0) & (mean + above >= 0)


def _inside(mean: Array, spread: Spread, alpha: Array, margin: Array) -> Flags:
    below, above = half_widths(spread, alpha)
    return (mean - below > -margin) & (mean + above < margin)


def _hall(quantile: Array, skewness: Array, n: float) -> Array:
    """Quantile of the studentised mean of n skewed values, by Hall's monotone cubic transformation."""
    skewness = np.where(np.abs(skewness) < 1e-6, 1e-6, skewness)
    k = skewness / np.sqrt(n)
    return np.asarray(3 / k * (np.cbrt(1 + k * (quantile - k / 6)) - 1))


def _skewness_error(n: float) -> float:
    """Standard error of the skewness of n normal values."""
    return float(np.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))) if n > 2 else np.nan
