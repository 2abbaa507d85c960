"""Differences of rows to the base, paired over seeds and images, with what their uncertainty is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.evidence.measurements import Measurements
from assay.evidence.statistics.interval import Spread
from assay.evidence.statistics.seed_variance import SHARED_BASE, SeedVariance, seed_variance
from assay.evidence.statistics.variance import Crossed, crossed, over_seeds_alone, stacked

__all__ = [
    "FEWEST_IMAGES",
    "Differences",
    "baseline_differences",
    "differences",
    "row_differences",
    "trained_variance",
]

Array = NDArray[np.float64]

FEWEST_IMAGES = 3  # fewer have no skewness


@dataclass(frozen=True)
class Differences:
    """Rows less the base for one metric, or for many alike; arrays with an entry per row on the last axis.

    Attributes:
        tables: the differences taken apart, see `assay.evidence.statistics.variance`.
        seeds: variance of one seed's mean over images as it is used, see `assay.evidence.statistics.seed_variance`.
        sampled: False of a metric with one value a training, which is judged over seeds alone.
    """

    tables: Crossed
    seeds: SeedVariance
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
        of_seeds = np.maximum(self.seeds.variance - self.tables.rest / max(self.tables.n_images, 1), 0.0)
        deviation = np.sqrt(of_seeds + self.tables.images + self.tables.rest)
        return np.where(deviation > 0, self.mean / np.where(deviation > 0, deviation, 1.0), np.nan)

    def spread(self) -> Spread:
        """Uncertainty of the mean; nan with one seed, or with fewer than three images."""
        known = (self.tables.n_seeds > 1) & (self.tables.worth >= (FEWEST_IMAGES if self.sampled else 1))
        return self._spread(np.where(known, self.tables.n_seeds, np.nan), self.seeds.df)

    def spread_with(self, n_seeds: Array | float, *, calm: bool) -> Spread:
        """The same if every row had `n_seeds` seeds, at least 2, and turned out to be calm, or restless."""
        return self._spread(np.asarray(n_seeds, dtype=float), self.seeds.df_with(n_seeds, calm=calm))

    def _spread(self, n_seeds: Array, seeds_df: Array) -> Spread:
        images = self.tables.n_images
        return Spread(
            self.seeds.variance / n_seeds,
            seeds_df,
            self.tables.images / max(images, 1),
            self.tables.images_df if self.sampled else 0,
            self.tables.skewness,
            n_images=max(images, 2),
        )


def differences(tables: Crossed, seeds_of_rows: Array, seeds_of_base: Array) -> Differences:
    """Differences of whole tables, all of whose metrics have samples.

    Args:
        tables: the rows' differences to the base, taken apart; shape (..., metrics, rows).
        seeds_of_rows: variance between the seeds of each row by itself, of that shape; nan with one seed.
        seeds_of_base: that of the base, without the last axis.
    """
    dof = np.maximum(tables.n_seeds - 1, 0)
    return Differences(tables, seed_variance(tables.seeds, dof, _shared_part(seeds_of_rows, seeds_of_base)))


def row_differences(measured: Measurements) -> dict[str, Differences]:
    """Trained rows other than the base, in table order, less the base under the same seeds; for each metric."""
    rows, base = [row.name for row in measured.compared], measured.record.base_row
    if not rows or not measured.record.columns:
        return {}
    tables = {metric: _tables(_paired(measured, rows, metric), measured, metric) for metric in measured.record.columns}
    own = np.array([[_own_variance(measured, row, metric) for row in rows] for metric in tables])
    of_base = np.array([_own_variance(measured, base, metric) for metric in tables])
    seeds = _seed_variance(measured, rows, tables, _shared_part(own, of_base))
    return {metric: Differences(tables[metric], seeds[metric], metric not in measured.whole) for metric in tables}


def baseline_differences(measured: Measurements) -> dict[str, Differences]:
    """Training-free rows less the base under each of its seeds; seeds move the base alone, as they move other rows."""
    rows, base = [row.name for row in measured.baselines], measured.record.base_row
    if not rows or not measured.record.columns:
        return {}
    seeds = trained_variance(measured)
    found = {}
    for metric in measured.record.columns:
        ours = measured.cube(base, metric).to_numpy()
        free = [measured.cube(row, metric).to_numpy() for row in rows]
        tables = _tables([values - ours if len(values) else values for values in free], measured, metric)
        found[metric] = Differences(tables, seeds[metric].of_rows([0] * len(rows)), metric not in measured.whole)
    return found


def trained_variance(measured: Measurements) -> dict[str, SeedVariance]:
    """For each metric that of the trained rows by themselves, not of their differences: the base, then the others."""
    rows = [measured.record.base_row, *(row.name for row in measured.compared)]
    tables = {
        metric: stacked([crossed(measured.cube(row, metric).to_numpy()) for row in rows])
        for metric in measured.record.columns
    }
    return _seed_variance(measured, rows, tables, SHARED_BASE)


def _seed_variance(
    measured: Measurements, rows: Sequence[str], tables: Mapping[str, Crossed], correlation: Array | float
) -> dict[str, SeedVariance]:
    """For each metric, from all of them; a row whose values are the same where they cannot be says nothing."""
    silent = [row in measured.alarms for row in rows]
    dof = [np.where(silent, 0, np.maximum(table.n_seeds - 1, 0)) for table in tables.values()]
    together = seed_variance(np.array([table.seeds for table in tables.values()]), np.array(dof), correlation)
    return {metric: together.of_metric(place) for place, metric in enumerate(tables)}


def _paired(measured: Measurements, rows: Sequence[str], metric: str) -> list[Array]:
    """Of every row, seeds x samples."""
    base = measured.cube(measured.record.base_row, metric)
    cubes = [measured.cube(row, metric) for row in rows]
    shared = [cube.index.intersection(base.index) for cube in cubes]
    return [(cube.loc[seeds] - base.loc[seeds]).to_numpy() for cube, seeds in zip(cubes, shared, strict=True)]


def _tables(paired: Sequence[Array], measured: Measurements, metric: str) -> Crossed:
    """Differences of every row, seeds x samples, taken apart."""
    worth = measured.record.metric(metric).effective_samples
    tables = stacked([crossed(values, worth) for values in paired])
    return over_seeds_alone(tables) if metric in measured.whole else tables


def _own_variance(measured: Measurements, row: str, metric: str) -> Array:
    return crossed(measured.cube(row, metric).to_numpy()).seeds


def _shared_part(rows: Array, base: Array) -> Array:
    """Share of the base in the variance of a difference, at least one half: the rows' own noise may be overrated."""
    known = np.isfinite(rows)
    others = np.where(known, rows, 0.0).sum(-1) / np.maximum(known.sum(-1), 1)
    total = base + others
    return np.fmax(np.where(total > 0, base / np.where(total > 0, total, 1.0), np.nan), SHARED_BASE)
