"""A line for every row and metric: the difference to the base in numbers, before any word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay.evidence.measurements import Measurements
from assay.evidence.statistics.correction import FEWEST_SEEDS
from assay.evidence.statistics.differences import Differences, baseline_differences, row_differences
from assay.evidence.statistics.interval import bounds, equivalence_p_values, limits, p_values
from assay.metric import Metric
from assay.store.run.folder import RowRecord

__all__ = ["alarm_of", "baseline_lines", "row_lines", "tested"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def row_lines(measured: Measurements, level: float = 0.95) -> pd.DataFrame:
    """Of the trained rows other than the base, in table order.

    Returns:
        Columns row, title, metric, difference, low, high, bound, p, p_equal, margin, effect, n_seeds, n_images, as
        `assay.evidence.statistics.verdict.Verdicts` tells; empty if there is nothing to compare.
    """
    return _lines(measured.compared, measured, row_differences(measured), level)


def baseline_lines(measured: Measurements, level: float = 0.95) -> pd.DataFrame:
    """The same of the training-free rows."""
    return _lines(measured.baselines, measured, baseline_differences(measured), level)


def tested(lines: pd.DataFrame) -> tuple[Array, Array, int]:
    """p values of lines that may have a word, nan of others, and the most seeds that one of them has."""
    worded = lines["p"].notna() & (lines["n_seeds"] >= FEWEST_SEEDS)
    p, equal = (lines[name].where(worded).to_numpy() for name in ("p", "p_equal"))
    return p, equal, int(lines["n_seeds"].where(worded, 0).max())


def alarm_of(row: str, measured: Measurements) -> str:
    """Why a row gets no word; empty if it may have one."""
    base = measured.record.base_row
    of_row = next((text for text, _ in measured.alarms.get(row, ())), "")
    of_base = next((f"{measured.base_title}: {text}" for text, _ in measured.alarms.get(base, ())), "")
    return of_row or of_base


def _lines(
    rows: Sequence[RowRecord], measured: Measurements, parts: Mapping[str, Differences], level: float
) -> pd.DataFrame:
    if not rows or not parts:
        return pd.DataFrame()
    silent = np.array([bool(alarm_of(row.name, measured)) for row in rows])
    lines = [_numbers(rows, metric, parts[metric.name], silent, level) for metric in measured.record.shown]
    order = {row.name: number for number, row in enumerate(rows)}
    table = pd.concat(lines, ignore_index=True)
    return table.sort_values("row", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def _numbers(
    rows: Sequence[RowRecord], metric: Metric, differences: Differences, silent: Flags, level: float
) -> pd.DataFrame:
    """One metric's lines."""
    mean, spread, n_seeds = differences.mean, differences.spread(), differences.tables.n_seeds
    margin = np.nan if metric.margin is None else metric.margin
    low, high = limits(mean, spread, level)
    return pd.DataFrame(
        {
            "row": [row.name for row in rows],
            "title": [row.title for row in rows],
            "metric": metric.name,
            "difference": mean,
            "low": low,
            "high": high,
            "bound": bounds(mean, spread),
            "p": np.where(silent, np.nan, p_values(mean, spread)),
            "p_equal": np.where(silent, np.nan, equivalence_p_values(mean, spread, margin)),
            "margin": margin,
            "effect": differences.effect,
            "n_seeds": n_seeds,
            "n_images": np.where(n_seeds > 0, differences.tables.n_images, 0),
        }
    )
