"""Where the uncertainty of a mean over seeds and images comes from: crossed random effects, method of moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Crossed", "crossed", "over_seeds_alone", "stacked"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Crossed:
    """Parts of value[seed, image] = mean + seed + image + rest, all independent.

    Arrays of one shape, an entry for each table of seeds x images.

    Attributes:
        mean: over seeds and images.
        seeds: variance between the seeds' means over images, an estimate of s_seed^2 + s_rest^2 / I; nan with one seed.
        images: s_image^2, 0 where its estimate is negative; nan with one seed or one image.
        rest: s_rest^2; nan with one seed or one image.
        skewness: of the images' means over seeds, corrected for their number; 0 if they are equal or fewer than 3.
        n_seeds: S, one number or one per table; 0 where there is no table, and nan above.
        n_images: I.
        effective_images: how many images of equal weight these are worth; None: all.
    """

    mean: Array
    seeds: Array
    images: Array
    rest: Array
    skewness: Array
    n_seeds: NDArray[np.int_]
    n_images: int
    effective_images: float | None = None

    @property
    def worth(self) -> float:
        """How many images of equal weight there are."""
        return self.n_images if self.effective_images is None else min(self.n_images, self.effective_images)

    @property
    def images_df(self) -> float:
        """Degrees of freedom of the images' part: what they are worth, less one."""
        return max(self.worth - 1, 1)


def crossed(values: Array, effective_images: float | None = None) -> Crossed:
    """Take a two-way table without replicates apart.

    The mean squares of the balanced analysis of variance (Searle, Casella and McCulloch, Variance Components, 1992,
    chapter 4): E[MS_image] = s_rest^2 + S s_image^2, and the like for seeds.

    Args:
        values: finite, shape (..., S, I).
        effective_images: see `Crossed`.
    """
    n_seeds, n_images = values.shape[-2:]
    if not n_seeds or not n_images:
        nothing = np.full(values.shape[:-2], np.nan)
        return Crossed(nothing, nothing, nothing, nothing, nothing, np.array(0), n_images, effective_images)
    of_seed, of_image = values.mean(-1), values.mean(-2)
    mean = of_image.mean(-1)
    rest = np.full_like(mean, np.nan)
    if n_seeds > 1 and n_images > 1:
        residual = values - of_seed[..., None] - of_image[..., None, :] + mean[..., None, None]
        rest = np.square(residual).sum((-1, -2)) / ((n_seeds - 1) * (n_images - 1))
    images = np.maximum(_variance(of_image) - rest / n_seeds, 0.0)
    seeds, skewness = _variance(of_seed), _skewness(of_image)
    return Crossed(mean, seeds, images, rest, skewness, np.array(n_seeds), n_images, effective_images)


def over_seeds_alone(table: Crossed) -> Crossed:
    """The table of a metric with one value a training: no part of it comes from samples."""
    nothing = np.zeros_like(table.mean)
    return replace(table, images=nothing, rest=nothing, skewness=nothing)


def stacked(tables: Sequence[Crossed]) -> Crossed:
    """Several tables over the same images as one, along a new last axis."""
    names = ("mean", "seeds", "images", "rest", "skewness", "n_seeds")
    parts = {name: np.stack([getattr(table, name) for table in tables], axis=-1) for name in names}
    n_images, worth = max(table.n_images for table in tables), tables[0].effective_images
    return Crossed(**parts, n_images=n_images, effective_images=worth)


def _variance(values: Array) -> Array:
    """Over the last axis; nan of a single value."""
    if values.shape[-1] < 2:
        return np.full(values.shape[:-1], np.nan)
    return np.asarray(values.var(-1, ddof=1))


def _skewness(values: Array) -> Array:
    """G1 over the last axis, as statistics packages print it."""
    n = values.shape[-1]
    if n < 3:
        return np.zeros(values.shape[:-1])
    centred = values - values.mean(-1, keepdims=True)
    variance, third = np.square(centred).mean(-1), (centred**3).mean(-1)
    flat = variance <= np.finfo(float).tiny
    return np.where(flat, 0.0, third / np.where(flat, 1.0, variance) ** 1.5) * np.sqrt(n * (n - 1)) / (n - 2)
