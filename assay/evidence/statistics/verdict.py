"""One word for every row and metric: better, worse, different, equivalent, or not resolved at this budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay.evidence.measurements import Measurements
from assay.evidence.statistics.correction import FEWEST_SEEDS, corrected
from assay.evidence.statistics.differences import Differences, baseline_differences, row_differences
from assay.evidence.statistics.interval import bounds, equivalence_p_values, limits, p_values
from assay.evidence.statistics.notes import verdict_notes
from assay.evidence.statistics.words import reason_of, words_of
from assay.metric import Metric
from assay.store.run import RowRecord

__all__ = ["Verdicts", "verdicts_of"]


Flags = NDArray[np.bool_]

_ABOUT = ["row", "title", "metric"]
_NUMBERS = ["difference", "low", "high", "bound", "p", "p_adjusted", "margin", "p_equal", "p_equal_adjusted", "effect"]
_COLUMNS = [*_ABOUT, *_NUMBERS, "verdict", "reason", "n_seeds", "n_images"]


@dataclass(frozen=True)
class Verdicts:
    """Differences to the base as they were measured (row less base); only the words know which way is better.

    Attributes:
        data: a line per trained row other than the base x metric: row, title, metric, difference (mean over shared
            seeds and images), low and high (its interval, by itself), bound (how large the true difference may be,
            either way, by itself: larger with a chance of 5 %), p (of no difference, by itself), p_adjusted (corrected
            over the lines; nan where there are too few seeds for a word), margin (of the metric), p_equal (of a
            difference of the margin or more) and p_equal_adjusted, effect (standardised paired difference), verdict
            (`better`, `worse`, `different` of a metric without direction, `equivalent`: smaller than the margin, `not
            resolved`), reason (of an open line what is missing or its bound, of an equivalent one its margin, empty
            otherwise), n_seeds, n_images. What is unknown is nan.
        baselines: the same for the training-free rows, corrected among themselves.
        notes: what the words mean and what is missing, one sentence each.
        metrics: what the study says of the columns, in order.
        level: of the intervals.
    """

    data: pd.DataFrame
    baselines: pd.DataFrame
    notes: tuple[str, ...]
    metrics: tuple[Metric, ...]
    level: float

    def cell(self, row: str, metric: str) -> pd.Series | None:
        """The line of a trained or training-free row; None for the base."""
        for data in (self.data, self.baselines):
            found = data[(data["row"] == row) & (data["metric"] == metric)]
            if len(found):
                return found.iloc[0]
        return None


def verdicts_of(measured: Measurements, level: float = 0.95) -> Verdicts:
    """Compare every row with the base.

    Seeds and images are both taken as samples: a verdict speaks about further trainings and further images of the
    same kind. How it is computed is told in docs/verdicts.md, and how often it is wrong in docs/calibration.md.

    Args:
        measured: of a run that may be unfinished, have one seed, or lack rows.
        level: of the intervals; the verdicts always keep the rate of any false word in the table at 5 %.
    """
    data = _table(measured.compared, measured, row_differences, level)
    free = _table(measured.baselines, measured, baseline_differences, level)
    return Verdicts(data, free, tuple(verdict_notes(measured, data, level)), measured.record.shown, level)


def _table(
    rows: Sequence[RowRecord],
    measured: Measurements,
    differences_of: Callable[[Measurements], Mapping[str, Differences]],
    level: float,
) -> pd.DataFrame:
    metrics = measured.record.columns
    if not rows or not metrics:
        return pd.DataFrame(columns=_COLUMNS)
    parts = differences_of(measured)
    silent = np.array([bool(_alarm(row.name, measured)) for row in rows])
    lines = [_numbers(rows, metric, parts[metric.name], silent, level) for metric in measured.record.shown]
    table = _judged(pd.concat(lines, ignore_index=True), measured)
    order = {row.name: number for number, row in enumerate(rows)}
    return table.sort_values("row", key=lambda names: names.map(order), kind="stable", ignore_index=True)[_COLUMNS]


def _numbers(
    rows: Sequence[RowRecord], metric: Metric, differences: Differences, silent: Flags, level: float
) -> pd.DataFrame:
    """One metric's lines, without words."""
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


def _judged(lines: pd.DataFrame, measured: Measurements) -> pd.DataFrame:
    """Corrected over all lines, with words and reasons."""
    worded = lines["p"].notna() & (lines["n_seeds"] >= FEWEST_SEEDS)
    p, equal = (lines[name].where(worded).to_numpy() for name in ("p", "p_equal"))
    most = int(lines["n_seeds"].where(worded, 0).max())
    lines["p_adjusted"], lines["p_equal_adjusted"] = corrected(p, equal, most)
    metrics = [measured.record.metric(name) for name in lines["metric"]]
    signed = np.array([metric.signed(value) for metric, value in zip(metrics, lines["difference"], strict=True)])
    lines["verdict"] = words_of(signed, lines["p_adjusted"].to_numpy(), lines["p_equal_adjusted"].to_numpy())
    noun = measured.record.sample
    lines["reason"] = [
        reason_of(line, metric, noun, one_value=metric.name in measured.whole)
        for line, metric in zip(lines.to_dict("records"), metrics, strict=True)
    ]
    return _without_words(lines, measured)


def _without_words(lines: pd.DataFrame, measured: Measurements) -> pd.DataFrame:
    """No word, and no interval, where values are the same that cannot be: there is no noise to hold them against."""
    alarms = [_alarm(row, measured) for row in lines["row"]]
    silent = pd.Series(map(bool, alarms), index=lines.index, dtype=bool)
    lines.loc[silent, ["low", "high", "bound", "effect"]] = np.nan
    lines.loc[silent, "verdict"] = ""
    lines.loc[silent, "reason"] = [alarm for alarm in alarms if alarm]
    return lines


def _alarm(row: str, measured: Measurements) -> str:
    """Why a row gets no word; empty if it may have one."""
    base = measured.record.base_row
    of_row = next((text for text, _ in measured.alarms.get(row, ())), "")
    of_base = next((f"{measured.base_title}: {text}" for text, _ in measured.alarms.get(base, ())), "")
    return of_row or of_base
