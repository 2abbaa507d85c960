"""One word for every row and metric: better, worse, different, or not resolved at this budget."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay.evidence.measurements import Measurements, counted, shortened
from assay.evidence.statistics.budget import seeds_needed
from assay.evidence.statistics.correction import ALPHA, FEWEST_SEEDS, STEPPING_SEEDS, corrected, first_alpha
from assay.evidence.statistics.differences import FEWEST_IMAGES, Differences, baseline_differences, row_differences
from assay.evidence.statistics.interval import limits, p_values
from assay.metric import Metric, better_words
from assay.store.run import RowRecord

__all__ = ["BETTER", "DIFFERENT", "NOT_RESOLVED", "WORSE", "Verdicts", "verdicts_of"]

BETTER, WORSE, NOT_RESOLVED = "better", "worse", "not resolved"
DIFFERENT = "different"  # resolved, of a metric that has no direction

Array = NDArray[np.float64]

_NUMBERS = ["difference", "low", "high", "p", "p_adjusted", "effect", "verdict", "reason", "seeds_needed"]
_COLUMNS = ["row", "title", "metric", *_NUMBERS, "n_seeds", "n_images"]


@dataclass(frozen=True)
class Verdicts:
    """Differences to the base as they were measured (row less base); only the words know which way is better.

    Attributes:
        data: a line per trained row other than the base x metric: row, title, metric, difference (mean over shared
            seeds and images), low and high (its interval, by itself), p (by itself), p_adjusted (corrected over the
            lines; nan where there are too few seeds for a word), effect (standardised paired difference), verdict
            (`better`, `worse`, `different` of a metric without direction, `not resolved`), reason (why it is not
            resolved, empty otherwise), seeds_needed (with so many seeds a true difference of this size would more
            likely than not be resolved; infinite if the images alone are too few; the present number where it is
            resolved), n_seeds, n_images. What is unknown is nan.
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
    return Verdicts(data, free, tuple(_notes(measured, data, level)), measured.record.shown, level)


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
    p = np.stack([np.where(silent, np.nan, p_values(part.mean, part.spread())) for part in parts.values()])
    n_seeds = np.stack([part.tables.n_seeds for part in parts.values()])
    judged = np.where(n_seeds < FEWEST_SEEDS, np.nan, p)
    adjusted = corrected(judged.ravel(), int(n_seeds.max())).reshape(p.shape)
    tests = int(np.isfinite(judged).sum())
    lines = [
        _lines(rows, metric, parts[metric.name], own, whole, tests, level, measured)
        for metric, own, whole in zip(measured.record.shown, p, adjusted, strict=True)
    ]
    table = pd.concat(lines, ignore_index=True)
    order = {row.name: number for number, row in enumerate(rows)}
    return table.sort_values("row", key=lambda names: names.map(order), kind="stable", ignore_index=True)[_COLUMNS]


def _lines(
    rows: Sequence[RowRecord],
    metric: Metric,
    differences: Differences,
    p: Array,
    adjusted: Array,
    tests: int,
    level: float,
    measured: Measurements,
) -> pd.DataFrame:
    """One metric's lines."""
    low, high = limits(differences.mean, differences.spread(), level)
    n_seeds = differences.tables.n_seeds
    needed = np.maximum(seeds_needed(differences, first_alpha(tests)), n_seeds + 1)
    lines = pd.DataFrame(
        {"row": [row.name for row in rows], "title": [row.title for row in rows], "metric": metric.name}
    )
    lines = lines.assign(difference=differences.mean, low=low, high=high, p=p, p_adjusted=adjusted)
    lines["effect"] = differences.effect
    lines["verdict"] = _words(metric.signed(differences.mean), adjusted)
    lines["seeds_needed"] = np.where(adjusted < ALPHA, n_seeds, needed)
    lines["n_seeds"] = n_seeds
    lines["n_images"] = np.where(n_seeds > 0, differences.tables.n_images, 0)
    one_value, noun = metric.name in measured.whole, measured.record.sample
    lines["reason"] = [_reason(line, noun, one_value=one_value) for line in lines.to_dict("records")]
    return _without_words(lines, measured)


def _without_words(lines: pd.DataFrame, measured: Measurements) -> pd.DataFrame:
    """No word, and no interval, where values are the same that cannot be: there is no noise to hold them against."""
    alarms = [_alarm(row, measured) for row in lines["row"]]
    silent = pd.Series(map(bool, alarms), index=lines.index, dtype=bool)
    lines.loc[silent, ["low", "high", "effect", "seeds_needed"]] = np.nan
    lines.loc[silent, "verdict"] = ""
    lines.loc[silent, "reason"] = [alarm for alarm in alarms if alarm]
    return lines


def _alarm(row: str, measured: Measurements) -> str:
    """Why a row gets no word; empty if it may have one."""
    base = measured.record.base_row
    of_row = next((text for text, _ in measured.alarms.get(row, ())), "")
    of_base = next((f"{measured.base_title}: {text}" for text, _ in measured.alarms.get(base, ())), "")
    return of_row or of_base


def _words(signed: Array, p: Array) -> list[str]:
    """A word per difference; `signed` is positive where the row is better and zero without a direction."""
    resolved = p < ALPHA  # false for nan
    words = np.select([signed > 0, signed < 0], [BETTER, WORSE], DIFFERENT)
    return [str(word) if sure else NOT_RESOLVED for sure, word in zip(resolved, words, strict=True)]


def _reason(line: Mapping[Hashable, Any], noun: str, *, one_value: bool) -> str:
    """Why a line is not resolved, and what would help."""
    if line["verdict"] != NOT_RESOLVED:
        return ""
    if not line["n_seeds"]:
        return "no finished seed in common with the base"
    if line["n_seeds"] == 1:
        return "one seed: the noise between trainings is unknown"
    if line["n_seeds"] < FEWEST_SEEDS:
        return f"{line['n_seeds']} seeds: an interval, too few for a word"
    if line["n_images"] < FEWEST_IMAGES and not one_value:
        return f"{line['n_images']} {noun}(s): the noise between {noun}s is unknown"
    if line["difference"] == 0:
        return "no difference at all"
    if np.isfinite(line["seeds_needed"]):
        return f"about {line['seeds_needed']:.0f} seeds would resolve a difference of this size"
    samples = counted(line["n_images"], noun)
    return f"no number of seeds resolves a difference of this size on {samples}: more {noun}s are needed"


def _notes(measured: Measurements, data: pd.DataFrame, level: float) -> list[str]:
    base = measured.base_title
    if not measured.seeds(measured.record.base_row):
        return [f"{base} has no finished seed: no difference to it can be told."]
    notes: list[str] = []
    if data["p"].notna().any():
        better, noun = better_words(measured.record.shown), f"{measured.record.sample}s"
        same = f"under the same seeds and on the same {noun}" if measured.images else "under the same seeds"
        further = f"over further seeds and further {noun}" if measured.images else "over further seeds"
        notes = [
            f"Differences are to {base} {same}; {better}.",
            *_correction_notes(data),
            f"Intervals are {100 * level:g} % for each difference by itself, {further}.",
        ]
        notes += _one_value_notes(measured, data)
    notes += [
        f"Alarm: {row.title}: {text}: no verdict can rest on it."
        for row in measured.trained
        for text, _ in measured.alarms.get(row.name, ())
    ]
    return notes + _few_seeds_notes(data)


def _correction_notes(data: pd.DataFrame) -> list[str]:
    tests, stepping = int(data["p_adjusted"].notna().sum()), data["n_seeds"].max() >= STEPPING_SEEDS
    if not tests:
        return []
    how = "Holm" if stepping else "Bonferroni"
    return [f"Verdicts are {how}-corrected over {tests} comparisons: any false word in the table has a chance of 5 %."]


def _few_seeds_notes(data: pd.DataFrame) -> list[str]:
    notes = []
    for seeds, text in _FEW_SEEDS.items():
        titles = data.loc[data["n_seeds"] == seeds, "title"].unique()
        if len(titles):
            which = f" ({shortened(titles)})" if (data["n_seeds"] > seeds).any() else ""
            notes.append(text.format(which=which))
    return notes


_FEW_SEEDS = {
    1: "With one seed{which} the noise between trainings is unknown: nothing is resolved.",
    2: "With two seeds{which} there are intervals and no words: one training of several may collapse.",
}


def _one_value_notes(measured: Measurements, data: pd.DataFrame) -> list[str]:
    """Of metrics without samples."""
    names = [metric for metric in measured.record.columns if metric in measured.whole]
    if not names:
        return []
    seeds = sorted(set(data.loc[data["metric"].isin(names), "n_seeds"]) - {0})
    which = f"{', '.join(names)}: one" if measured.images else "One"
    several = f"{seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"{seeds[0]}" if seeds else "no"
    return [f"{which} value per training: judged over {several} seeds alone."]
