"""Differences of rows to the base, paired over seeds and images, with what their uncertainty is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.evidence.measurements import Measurements
from assay.evidence.statistics.interval import Spread
from assay.evidence.statistics.variance import SHARED_BASE, Crossed, crossed, over_seeds_alone, pooled, stacked

__all__ = ["FEWEST_IMAGES", "Differences", "baseline_differences", "differences", "row_differences"]

Array = NDArray[np.float64]

FEWEST_IMAGES = 3  # fewer have no skewness


@dataclass(frozen=True)
class Differences:
    """Rows less the base for one metric, or for many alike; arrays with an entry per row on the last axis.

    Attributes:
        tables: the differences taken apart, see `assay.evidence.statistics.variance`.
        seeds: variance of one seed's mean over images as it is used, pooled over rows; nan where it is unknown.
        seeds_df: its degrees of freedom.
        sampled: False of a metric with one value a training, which is judged over seeds alone.
    """

    tables: Crossed
    seeds: Array
    seeds_df: Array
    sampled: bool = True

    @property
    def mean(self) -> Array:
        """Over the seeds that row and base have, and over images."""
        return self.tables.mean

    @property
    def effect(self) -> Array:
        """Standardised paired difference: mean / standard deviation of one image's difference under one seed.

        The denominator holds all sources of variance (Westfall, Kenny and Judd, J. Exp. Psychol. Gen. 143, 2014); it
        does not shrink with more seeds or images.
        """
        of_seeds = np.maximum(self.seeds - self.tables.rest / max(self.tables.n_images, 1), 0.0)
        deviation = np.sqrt(of_seeds + self.tables.images + self.tables.rest)
        return np.where(deviation > 0, self.mean / np.where(deviation > 0, deviation, 1.0), np.nan)

    def spread(self) -> Spread:
        """Uncertainty of the mean; nan with one seed, or with fewer than three images."""
        known = (self.tables.n_seeds > 1) & (self.tables.n_images >= (FEWEST_IMAGES if self.sampled else 1))
        return self._spread(np.where(known, self.tables.n_seeds, np.nan), self.seeds_df)

    def spread_with(self, n_seeds: Array) -> Spread:
        """The same if every row had `n_seeds` seeds, at least 2."""
        now = np.maximum(self.tables.n_seeds - 1, 0)
        per_seed = self.seeds_df / max(float(np.mean(now[now > 0])), 1.0) if (now > 0).any() else np.nan
        return self._spread(n_seeds, per_seed * (n_seeds - 1))

    def _spread(self, n_seeds: Array, seeds_df: Array) -> Spread:
        images = self.tables.n_images
        return Spread(
            self.seeds / n_seeds,
            seeds_df,
            self.tables.images / max(images, 1),
            max(images - 1, 1) if self.sampled else 0,
            self.tables.skewness,
        )


def differences(
    tables: Crossed, seeds_of_rows: Array, seeds_of_base: Array, silent: Sequence[bool] = (), *, sampled: bool = True
) -> Differences:
    """Differences with the variance between seeds pooled over rows.

    One base takes part in every difference: the more restless it is, the more all differences move together, and the
    less the rows are worth for the pooled variance.

    Args:
        tables: the rows' differences to the base, taken apart; last axis rows.
        seeds_of_rows: variance between the seeds of each row by itself, last axis rows; nan with one seed.
        seeds_of_base: that of the base, without the last axis.
        silent: rows that say nothing about the variance, as their values are the same where they cannot be.
        sampled: see `Differences`.
    """
    dof = np.broadcast_to(np.maximum(tables.n_seeds - 1, 0), tables.seeds.shape[-1:])
    dof = np.where(silent, 0, dof) if len(silent) else dof
    seeds, seeds_df = pooled(tables.seeds, dof, _shared_part(seeds_of_rows, seeds_of_base))
    return Differences(tables, seeds, seeds_df, sampled)


def row_differences(measured: Measurements, metric: str) -> Differences:
    """Trained rows other than the base, in table order, less the base under the same seeds."""
    base = measured.cube(measured.record.base_row, metric)
    rows = [measured.cube(row.name, metric) for row in measured.compared]
    shared = [row.index.intersection(base.index) for row in rows]
    paired = [(row.loc[seeds] - base.loc[seeds]).to_numpy() for row, seeds in zip(rows, shared, strict=True)]
    return differences(
        _tables(paired, measured, metric),
        np.array([crossed(row.to_numpy()).seeds for row in rows]),
        crossed(base.to_numpy()).seeds,
        [row.name in measured.alarms for row in measured.compared],
        sampled=metric not in measured.whole,
    )


def baseline_differences(measured: Measurements, metric: str) -> Differences:
    """Training-free rows less the base under each of its seeds; seeds move the base alone, as they move other rows."""
    base = measured.cube(measured.record.base_row, metric)
    names = [measured.record.base_row, *(row.name for row in measured.compared)]
    trained = stacked([crossed(measured.cube(name, metric).to_numpy()) for name in names])
    dof = np.where([name in measured.alarms for name in names], 0, np.maximum(trained.n_seeds - 1, 0))
    seeds, seeds_df = pooled(trained.seeds, dof)
    free = [measured.cube(row.name, metric).to_numpy() for row in measured.baselines]
    paired = [values - base.to_numpy() if len(values) else values for values in free]
    tables, sampled = _tables(paired, measured, metric), metric not in measured.whole
    return Differences(tables, np.broadcast_to(seeds[..., :1], tables.mean.shape), seeds_df, sampled)


def _tables(paired: Sequence[Array], measured: Measurements, metric: str) -> Crossed:
    """Differences of every row, seeds x samples, taken apart."""
    tables = stacked([crossed(values) for values in paired])
    return over_seeds_alone(tables) if metric in measured.whole else tables


def _shared_part(rows: Array, base: Array) -> Array:
    """Share of the base in the variance of a difference, at least one half: the rows' own noise may be overrated."""
    others = np.nanmean(rows, axis=-1) if np.isfinite(rows).any() else np.full(np.shape(base), np.nan)
    share = base / (base + others)
    return np.fmax(share, SHARED_BASE)
