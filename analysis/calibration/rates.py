"""How often the verdicts on simulated tables are right and wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analysis.calibration.scenarios import Scenario, batches
from assay.evidence.statistics.correction import ALPHA, corrected, levels_of
from assay.evidence.statistics.differences import Differences, differences
from assay.evidence.statistics.interval import Spread, limits
from assay.evidence.statistics.variance import crossed

__all__ = ["EFFECT", "LARGE", "MARGIN", "UNIT_SEEDS", "Rates", "judged", "p_of", "rates", "resolved", "shifted"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

EFFECT = 5.0  # true difference where power is asked for, in true standard errors at UNIT_SEEDS seeds
MARGIN, WIDE_MARGIN = 6.0, 8.0  # in the same unit
LARGE = 40.0  # true difference of rows that are resolved
UNIT_SEEDS = 5


@dataclass(frozen=True)
class Rates:
    """What is right and wrong; shares of 0 to 1.

    Attributes:
        covered: of the 95 % intervals that hold the true difference, in the row in which it is least.
        false: of tables with some word in which no row truly differs.
        false_last: of tables with a word for the first row, which does not differ, where all others do by far; nan
            of a single row.
        found: of the cells of the last row that are called better where it truly is, by EFFECT standard errors.
        found_with_margins: the same where every cell has a margin too.
        false_equal: of the cells that would be called equivalent by themselves where every row truly differs by just
            the margin, in the row in which they are most.
        false_mixed: of tables with some false word, of either kind, where rows truly differ by nothing, the margin and
            twice the margin in turn.
        equal, equal_wide: of the cells that are called equivalent where no row truly differs, with a margin of MARGIN
            and of WIDE_MARGIN standard errors.
    """

    covered: float
    false: float
    false_last: float
    found: float
    found_with_margins: float
    false_equal: float
    false_mixed: float
    equal: float
    equal_wide: float


def rates(scenario: Scenario, seeds: int, tables: int, rng: Generator) -> Rates:
    """Of simulated tables; a true difference only moves a mean, so that one simulation answers every question."""
    unit, rows = scenario.errors(UNIT_SEEDS), np.arange(scenario.rows)
    parts = [_batch(judged(values), seeds, unit, rows) for values in batches(scenario, seeds, tables, rng)]
    of_row, of_table = {"covered", "false_equal"}, {"false", "false_last", "false_mixed"}
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    means = {name: float(values.mean()) for name, values in found.items() if name not in of_row | of_table}
    means |= {name: float(found[name].any((-1, -2)).mean()) for name in of_table}
    means["covered"] = float(found["covered"].mean((0, 1)).min())
    means["false_equal"] = float(found["false_equal"].mean((0, 1)).max())
    return Rates(**means | ({"false_last": np.nan} if scenario.rows == 1 else {}))


def _batch(table: Differences, seeds: int, unit: Array, rows: NDArray[np.int_]) -> dict[str, Flags]:
    """For every cell, whether the thing is so; shape (tables, metrics, rows) or fewer rows."""
    margin, last = MARGIN * unit, np.where(rows == rows[-1], EFFECT * unit, 0.0)
    low, high = limits(table.mean, table.spread())
    others, mixed = shifted(table, np.where(rows > 0, LARGE * unit, 0.0)), margin * (rows % 3)
    with_last = shifted(table, last)
    better = with_last.mean[..., -1:] > 0
    differs, equal = resolved(shifted(table, mixed), seeds, margin)
    at_margin = shifted(table, margin)
    return {
        "covered": (low <= 0) & (high >= 0),
        "false": resolved(table, seeds)[0],
        "false_last": resolved(others, seeds)[0][..., :1],
        "found": resolved(with_last, seeds)[0][..., -1:] & better,
        "found_with_margins": resolved(with_last, seeds, margin)[0][..., -1:] & better,
        "false_equal": _inside(at_margin.mean, at_margin.spread(), margin, np.asarray(ALPHA)),
        "false_mixed": np.where(mixed == 0, differs, equal),
        "equal": resolved(table, seeds, margin)[1],
        "equal_wide": resolved(table, seeds, WIDE_MARGIN * unit)[1],
    }


def judged(values: Array) -> Differences:
    """Tables as a run's are: values of shape (tables, metrics, rows + 1, seeds, images), base first."""
    own = crossed(values).seeds
    return differences(crossed(values[:, :, 1:] - values[:, :, :1]), own[..., 1:], own[..., 0])


def shifted(table: Differences, true: Array) -> Differences:
    """The same tables if the rows truly differed by `true`, an entry per row."""
    return replace(table, tables=replace(table.tables, mean=table.mean + true))


def resolved(table: Differences, seeds: int, margin: Array | float = np.nan) -> tuple[Flags, Flags]:
    """Which cells are found to differ and which to be equivalent, corrected over their own table.

    Args:
        table: shape (tables, metrics, rows).
        seeds: of its rows.
        margin: for each row, or none.
    """
    shape, (p, equal) = table.mean.shape, p_of(table, np.broadcast_to(margin, table.mean.shape))
    cells = (*shape[:-2], -1)
    differs, same = corrected(p.reshape(cells), equal.reshape(cells), seeds)
    return (differs < ALPHA).reshape(shape), (same < ALPHA).reshape(shape)


def p_of(table: Differences, margin: Array, share: float = 1.0) -> tuple[Array, Array]:
    """p values, each moved up to just below the next level at which a cell can be tested, as only that decides.

    Args:
        table: shape (tables, metrics, rows).
        margin: of that shape; nan where there is none.
        share: of the error that is spent.
    """
    mean, spread = table.mean, table.spread()
    levels = share * levels_of(mean[0].size)
    p = _moved_up(lambda cells, alpha: _apart(mean[cells], _at(spread, cells), alpha), levels, mean.shape)
    equal = _moved_up(
        lambda cells, alpha: _inside(mean[cells], _at(spread, cells), margin[cells], alpha), levels, mean.shape
    )
    return p, np.where(np.isfinite(margin), equal, np.nan)


def _moved_up(true_at: Callable[[Flags, Array], Flags], levels: Array, shape: tuple[int, ...]) -> Array:
    """The first level at which something is true, which stays true at all higher ones; 1 where there is none."""
    low, high = np.zeros(shape, dtype=int), np.full(shape, len(levels))
    ends = itertools.chain((len(levels) - 1, 0), itertools.repeat(None))  # most cells are beyond one of them
    while (some := low < high).any():
        end = next(ends)
        middle = (low[some] + high[some]) // 2 if end is None else np.full(some.sum(), end)
        true = true_at(some, levels[middle])
        low[some], high[some] = np.where(true, low[some], middle + 1), np.where(true, middle, high[some])
    return np.append(levels * (1 - 1e-9), 1.0)[low]


def _at(spread: Spread, cells: Flags) -> Spread:
    seeds, df, images = (
        np.broadcast_to(part, cells.shape)[cells] for part in (spread.seeds, spread.seeds_df, spread.images)
    )
    return replace(spread, seeds=seeds, seeds_df=df, images=images, skewness=spread.skewness[cells])


def _apart(mean: Array, spread: Spread, alpha: Array) -> Flags:
    low, high = limits(mean, spread, 1 - alpha)
    return (low > 0) | (high < 0)


def _inside(mean: Array, spread: Spread, margin: Array, alpha: Array) -> Flags:
    low, high = limits(mean, spread, 1 - 2 * alpha)
    return (low > -margin) & (high < margin)
