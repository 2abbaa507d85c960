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

__all__ = ["noise_floor"]

_COLUMNS = ["metric", "seed_sd", "df", "half_width", "span", "published_span", "n_seeds", "n_images"]


def noise_floor(measured: Measurements, level: float = 0.95) -> pd.DataFrame:
    """What the base under other seeds would differ from the base by (an A/A test).

    Returns:
        A line per metric of the table: metric, seed_sd (standard deviation between trainings of the mean over images;
        the base leans on the other rows unless it is more restless than they are), df (its degrees of freedom),
        half_width (the difference between as many trainings as there are and as many again of the same configuration,
        on the same images, stays within this at `level`), span (largest less smallest mean of the trained rows),
        published_span (the same of the paper's numbers for these rows), n_seeds, n_images. What is unknown, with one
        seed above all, is nan.
    """
    seeds = trained_variance(measured)
    lines = [_line(measured, metric, seeds[metric], level) for metric in measured.record.columns]
    return pd.DataFrame(lines, columns=_COLUMNS)


def _line(measured: Measurements, metric: str, seeds: SeedVariance, level: float) -> tuple[object, ...]:
    cubes = [measured.cube(row.name, metric) for row in measured.trained]
    n_seeds, deviation, df = (
        len(measured.cube(measured.record.base_row, metric)),
        math.sqrt(seeds.variance[0]),
        float(seeds.df[0]),
    )
    half_width = t_quantile(1 - level, df) * deviation * math.sqrt(2 / max(n_seeds, 1))
    means = [cube.to_numpy().mean() for cube in cubes if cube.size]
    printed = published_of(measured.record)
    published = [printed_in(printed, row.published, metric) for row in measured.trained]
    images = len(measured.samples(metric)) if n_seeds else 0
    return metric, deviation, df, float(half_width), _span(means), _span(published), n_seeds, images


def _span(values: object) -> float:
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return float(np.ptp(known)) if len(known) > 1 else math.nan
