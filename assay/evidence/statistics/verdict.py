"""One word for every row and metric: better, worse, different, equivalent, or not resolved at this budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from assay.evidence.measurements import Measurements
from assay.evidence.statistics.correction import corrected
from assay.evidence.statistics.lines import alarm_of, baseline_lines, row_lines, tested
from assay.evidence.statistics.looks import words_given
from assay.evidence.statistics.notes import verdict_notes
from assay.evidence.statistics.words import NOT_RESOLVED, reason_of, words_of
from assay.metric import Metric

__all__ = ["Verdicts", "verdicts_of"]

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
            over the lines, and over the looks if some were declared; nan where there are too few seeds for a word, and
            before the first look), margin (of the metric), p_equal (of a difference of the margin or more) and
            p_equal_adjusted, effect (standardised paired difference), verdict
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
    data = _judged(row_lines(measured, level), measured)
    free = _judged(baseline_lines(measured, level), measured)
    return Verdicts(data, free, tuple(verdict_notes(measured, data, level)), measured.record.shown, level)


def _judged(lines: pd.DataFrame, measured: Measurements) -> pd.DataFrame:
    """With words and reasons."""
    if lines.empty:
        return pd.DataFrame(columns=_COLUMNS)
    if measured.record.looks or measured.record.looked:
        lines = _looked_at(lines, measured)
    else:
        p, equal, most = tested(lines)
        lines["p_adjusted"], lines["p_equal_adjusted"] = corrected(p, equal, most)
        lines["verdict"] = _words(lines, measured)
    noun, metrics = measured.record.sample, [measured.record.metric(name) for name in lines["metric"]]
    lines["reason"] = [
        reason_of(line, metric, noun, one_value=metric.name in measured.whole)
        for line, metric in zip(lines.to_dict("records"), metrics, strict=True)
    ]
    return _without_words(lines, measured)[_COLUMNS]


def _words(lines: pd.DataFrame, measured: Measurements) -> list[str]:
    metrics = [measured.record.metric(name) for name in lines["metric"]]
    signed = np.array([metric.signed(value) for metric, value in zip(metrics, lines["difference"], strict=True)])
    return words_of(signed, lines["p_adjusted"].to_numpy(), lines["p_equal_adjusted"].to_numpy())


def _looked_at(lines: pd.DataFrame, measured: Measurements) -> pd.DataFrame:
    """With the words of the looks that were taken; between looks there are no others."""
    given = words_given(measured.record).drop(columns="looked_at")
    lines = lines.merge(given, on=["row", "metric"], how="left")
    lines["verdict"] = lines.pop("word").replace("", np.nan).fillna(NOT_RESOLVED)
    return lines


def _without_words(lines: pd.DataFrame, measured: Measurements) -> pd.DataFrame:
    """No word, and no interval, where values are the same that cannot be: there is no noise to hold them against."""
    alarms = [alarm_of(row, measured) for row in lines["row"]]
    silent = pd.Series(map(bool, alarms), index=lines.index, dtype=bool)
    lines.loc[silent, ["low", "high", "bound", "effect"]] = np.nan
    lines.loc[silent, "verdict"] = ""
    lines.loc[silent, "reason"] = [alarm for alarm in alarms if alarm]
    return lines
