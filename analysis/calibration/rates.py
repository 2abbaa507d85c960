"""How often the verdicts on simulated tables are right and wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analysis.calibration.scenarios import Scenario, batches
from assay.evidence.statistics.correction import ALPHA, corrected
from assay.evidence.statistics.differences import Differences, differences
from assay.evidence.statistics.interval import Spread, limits, p_values
from assay.evidence.statistics.variance import crossed

__all__ = ["EFFECT", "Rates", "judged", "rates", "resolved", "shifted"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

EFFECT = 5.0  # true difference where power is asked for, in true standard errors at EFFECT_SEEDS seeds
EFFECT_SEEDS = 5
LARGE = 40.0  # true difference of rows that are resolved, in the same unit


@dataclass(frozen=True)
class Rates:
    """What is right and wrong; shares of 0 to 1.

    Attributes:
        covered: of the 95 % intervals that hold the true difference, in the row in which it is least.
        false: of tables with some word in which no row truly differs.
        false_last: of tables with a word for the first row, which does not differ, where all others do by far; nan
            of a single row.
        found: of the cells of the last row that are called better where it truly is, by EFFECT standard errors.
    """

    covered: float
    false: float
    false_last: float
    found: float


def rates(scenario: Scenario, seeds: int, tables: int, rng: Generator) -> Rates:
    """Of simulated tables; a true difference only moves a mean, so that one simulation answers every question."""
    unit = scenario.errors(EFFECT_SEEDS)
    nothing = np.zeros(scenario.rows)
    others, last = nothing.copy(), nothing.copy()
    others[1:], last[-1] = LARGE * unit[1:], EFFECT * unit[-1]
    parts = []
    for values in batches(scenario, seeds, tables, rng):
        table = judged(values)
        low, high = limits(table.mean, table.spread())
        found = resolved(shifted(table, last), seeds)[..., -1] & (table.mean[..., -1] > -last[-1])
        false = resolved(table, seeds).any((-1, -2))
        false_last = resolved(shifted(table, others), seeds)[..., 0].any(-1)
        parts.append(((low <= 0) & (high >= 0), false, false_last, found))
    covered, false, false_last, found = (np.concatenate(part) for part in zip(*parts, strict=True))
    worst, alone = float(covered.mean((0, 1)).min()), scenario.rows == 1
    return Rates(worst, float(false.mean()), np.nan if alone else float(false_last.mean()), float(found.mean()))


def judged(values: Array) -> Differences:
    """Tables as a run's are: values of shape (tables, metrics, rows + 1, seeds, images), base first."""
    own = crossed(values).seeds
    return differences(crossed(values[:, :, 1:] - values[:, :, :1]), own[..., 1:], own[..., 0])


def shifted(table: Differences, true: Array) -> Differences:
    """The same tables if the rows truly differed by `true`, an entry per row."""
    return replace(table, tables=replace(table.tables, mean=table.mean + true))


def resolved(table: Differences, seeds: int) -> Flags:
    """Whether each cell gets a word, corrected over its own table; shape (tables, metrics, rows)."""
    cells = (*table.mean.shape[:-2], -1)
    return (corrected(_p(table).reshape(cells), seeds) < ALPHA).reshape(table.mean.shape)


def _p(table: Differences) -> Array:
    """p values; only those are worked out that decide: below the smallest level of a table 0, above the largest 1."""
    mean, spread = table.mean, table.spread()
    sure, open_ = (_apart(mean, spread, alpha) for alpha in (ALPHA / mean[0].size / 2, ALPHA))
    near = open_ & ~sure
    p = np.where(sure, 0.0, 1.0)
    parts = (np.broadcast_to(part, mean.shape)[near] for part in (spread.seeds, spread.seeds_df, spread.images))
    seeds, df, images = parts
    p[near] = p_values(mean[near], Spread(seeds, df, images, spread.images_df, spread.skewness[near]))
    return p


def _apart(mean: Array, spread: Spread, alpha: float) -> Flags:
    low, high = limits(mean, spread, 1 - alpha)
    return np.asarray((low > 0) | (high < 0))
