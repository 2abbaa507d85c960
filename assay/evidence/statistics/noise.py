"""The noise floor: how far two sets of trainings of one and the same configuration lie apart."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from assay.evidence.measurements import Measurements
from assay.evidence.published import printed_in, published_of
from assay.evidence.statistics.interval import t_quantile
from assay.evidence.statistics.variance import crossed, pooled, stacked

__all__ = ["noise_floor"]

_COLUMNS = ["metric", "seed_sd", "df", "half_width", "span", "published_span", "n_seeds", "n_images"]


def noise_floor(measured: Measurements, level: float = 0.95) -> pd.DataFrame:
    """What the base under other seeds would differ from the base by (an A/A test).

    Returns:
        A line per metric of the table: metric, seed_sd (standard deviation between trainings of the mean over images,
        pooled over rows but not less than the base's own), df (its degrees of freedom), half_width (the difference
        between as many trainings as there are and as many again of the same configuration, on the same images, stays
        within this at `level`), span (largest less smallest mean of the trained rows), published_span (the same of the
        paper's numbers for these rows), n_seeds, n_images. What is unknown, with one seed above all, is nan.
    """
    lines = [_line(measured, metric, level) for metric in measured.record.columns]
    return pd.DataFrame(lines, columns=_COLUMNS)


def _line(measured: Measurements, metric: str, level: float) -> tuple[object, ...]:
    names = [measured.record.base_row, *(row.name for row in measured.compared)]
    rows = stacked([crossed(measured.cube(name, metric).to_numpy()) for name in names])
    variances, df = pooled(
        rows.seeds, np.where([n in measured.alarms for n in names], 0, np.maximum(rows.n_seeds - 1, 0))
    )
    seeds = int(rows.n_seeds[0])
    known = seeds > 1 and names[0] not in measured.alarms
    deviation = math.sqrt(variances[0]) if known else math.nan
    half_width = t_quantile(1 - level, df[0]) * deviation * math.sqrt(2 / seeds) if known else math.nan
    printed = published_of(measured.record)
    published = [printed_in(printed, row.published, metric) for row in measured.trained]
    images = len(measured.samples(metric)) if seeds else 0
    return metric, deviation, df[0], half_width, _span(rows.mean), _span(published), seeds, images


def _span(values: object) -> float:
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return float(np.ptp(known)) if len(known) > 1 else math.nan
