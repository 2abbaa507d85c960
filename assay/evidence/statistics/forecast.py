"""How many cells of a table a larger number of seeds would decide, from what its seeds have shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.evidence.measurements import Measurements
from assay.evidence.statistics.correction import ALPHA, FEWEST_SEEDS, corrected
from assay.evidence.statistics.differences import Differences, row_differences
from assay.evidence.statistics.interval import Spread, equivalence_p_values, p_values
from assay.evidence.statistics.lines import alarm_of

__all__ = ["Forecast", "forecast"]

Array = NDArray[np.float64]

DRAWS = 400


@dataclass(frozen=True)
class Forecast:
    """Cells that have a word, in tables as they may come out.

    Attributes:
        seeds: of every row.
        cells: of the table.
        decided: mean over the tables.
        low, high: in four tables of five it is one of these or between them.
    """

    seeds: int
    cells: int
    decided: float
    low: int
    high: int


def forecast(measured: Measurements, seeds: int) -> Forecast | None:
    """What a table would be with `seeds` seeds, those that are there among them; None where nothing is known.

    Tables are drawn: what the further seeds show scatters around the true difference as the seeds at hand do, and the
    true difference is the measured one, drawn towards zero by as much as seeds explain of the differences of its
    column (empirical Bayes, James and Stein 1961). Otherwise chance that has been seen would be taken for truth, and
    too many words promised. Images stay; variances are taken as known.
    """
    parts, silent = row_differences(measured), [bool(alarm_of(row.name, measured)) for row in measured.compared]
    known = [np.isfinite(part.seeds.variance).any() for part in parts.values()]
    if not any(known) or seeds < FEWEST_SEEDS:
        return None
    rng = np.random.default_rng(0)
    drawn = {name: _drawn(part, seeds, rng) for name, part in parts.items()}
    margins = {metric.name: np.nan if metric.margin is None else metric.margin for metric in measured.record.shown}
    p, p_equal = (np.where(silent, np.nan, each).reshape(DRAWS, -1) for each in _tested(drawn, margins))
    p, p_equal = corrected(p, p_equal, seeds)
    decided = ((p < ALPHA) | (p_equal < ALPHA)).sum(-1)
    low, high = np.percentile(decided, [10, 90], method="nearest")
    return Forecast(seeds, len(silent) * len(parts), float(decided.mean()), int(low), int(high))


def _tested(drawn: Mapping[str, tuple[Array, Spread]], margins: Mapping[str, float]) -> tuple[Array, Array]:
    """p values of both kinds, draws x metrics x rows."""
    different = [p_values(mean, spread) for mean, spread in drawn.values()]
    equal = [equivalence_p_values(mean, spread, margins[name]) for name, (mean, spread) in drawn.items()]
    return np.stack(different, 1), np.stack(equal, 1)


def _drawn(part: Differences, seeds: int, rng: np.random.Generator) -> tuple[Array, Spread]:
    """Means of one metric, draws x rows, and their uncertainty."""
    now, variance = part.tables.n_seeds.astype(float), part.seeds.variance
    fresh = np.maximum(seeds - now, 0)
    error = variance / np.maximum(now, 1)
    true = _shrunken(part.mean, error, rng)
    scatter = rng.normal(size=true.shape) * np.sqrt(fresh * variance)
    mean = (now * part.mean + fresh * true + scatter) / (now + fresh)
    calm = part.seeds.df > now - 1
    kinds = [part.spread_with(now + fresh, calm=each) for each in (True, False)]
    df = np.where(calm, kinds[0].seeds_df, kinds[1].seeds_df)
    return mean, replace(kinds[0], seeds_df=df)


def _shrunken(mean: Array, error: Array, rng: np.random.Generator) -> Array:
    """True differences as they may be, draws x rows."""
    between = max(float(np.nanmean(np.square(mean) - error)), 0.0)
    kept = np.where(error > 0, between / np.where(error > 0, between + error, 1.0), 1.0)
    return kept * mean + rng.normal(size=(DRAWS, mean.size)) * np.sqrt(kept * error)
