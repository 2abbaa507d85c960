"""The noise floor: how far two sets of trainings of one and the same configuration lie apart."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from assay.evidence.measurements import Measurements
from assay.evidence.published import printed_in, published_of
from assay.evidence.statistics.differences import trained_variance
from assay.evidence.statistics.interval import t_quantile
from assay.evidence.statistics.seed_variance import SeedVariance
from assay.evidence.statistics.variance import crossed

__all__ = ["ALL_ROWS", "ENOUGH_SEEDS", "OF_BASE", "noise_floor"]

ENOUGH_SEEDS = 5  # from which on the base's own trainings say how they scatter
OF_BASE, ALL_ROWS = "the base", "all rows"
_COLUMNS = ["metric", "seed_sd", "df", "trainings", "half_width", "span", "published_span", "n_seeds", "n_images"]


def noise_floor(measured: Measurements, level: float = 0.95) -> pd.DataFrame:
    """What the base trained again would differ from the base by (an A/A test).

    Not to be held against the difference of a row, which is paired: row and base have seeds in common, and that takes a
    part of this noise out.

    Returns:
        A line per metric of the table: metric, seed_sd (standard deviation between trainings of the mean over images),
        df (its degrees of freedom), trainings (whose it is estimated from: `the base` with five seeds or more, or where
        it is more restless than the others; else `all rows`), half_width (the difference between as many trainings as
        there are and as many again of the same configuration, on the same images, stays within this at `level`), span
        (largest less smallest mean of the trained rows), published_span (the same of the paper's numbers for these
        rows), n_seeds, n_images. What is unknown, with one seed above all, is nan.
    """
    seeds = trained_variance(measured)
    lines = [_line(measured, metric, seeds[metric], level) for metric in measured.record.columns]
    return pd.DataFrame(lines, columns=_COLUMNS)


def _line(measured: Measurements, metric: str, seeds: SeedVariance, level: float) -> tuple[object, ...]:
    base, variance, df = measured.cube(measured.record.base_row, metric), float(seeds.variance[0]), float(seeds.df[0])
    n_seeds, own = len(base), float(crossed(base.to_numpy()).seeds)
    alone = len(base) >= ENOUGH_SEEDS or (math.isclose(variance, own) and df <= n_seeds - 1)
    if alone and math.isfinite(variance):  # else an alarm says that its values cannot be
        variance, df = own, n_seeds - 1
    half_width = float(t_quantile(1 - level, df)) * math.sqrt(variance * 2 / max(n_seeds, 1))
    cubes = [measured.cube(row.name, metric) for row in measured.trained]
    span = _span([cube.to_numpy().mean() for cube in cubes if cube.size])
    printed = published_of(measured.record)
    published = _span([printed_in(printed, row.published, metric) for row in measured.trained])
    images = len(measured.samples(metric)) if n_seeds else 0
    source = OF_BASE if alone else ALL_ROWS
    return metric, math.sqrt(variance), df, source, half_width, span, published, n_seeds, images


def _span(values: object) -> float:
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return float(np.ptp(known)) if len(known) > 1 else math.nan
