"""What is said below the verdicts of a table: how they were made, and what is missing."""

from __future__ import annotations

import pandas as pd

from assay.evidence.measurements import Measurements, shortened
from assay.evidence.statistics.correction import STEPPING_SEEDS
from assay.evidence.statistics.looks import look_notes
from assay.evidence.statistics.words import NOT_RESOLVED, rounded_up
from assay.metric import better_words, effective_words

__all__ = ["verdict_notes"]


def verdict_notes(measured: Measurements, data: pd.DataFrame, level: float) -> list[str]:
    """One sentence each.

    Args:
        measured: of a run.
        data: the trained rows' lines, see `Verdicts`.
        level: of the intervals.
    """
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
            *_correction_notes(data, looks=bool(measured.record.looks)),
            *look_notes(measured.record),
            *_margin_notes(data),
            f"Intervals are {100 * level:g} % for each difference by itself, {further}.",
            *effective_words(measured.record.shown, measured.record.sample),
            *_open_notes(measured, data),
        ]
        notes += _one_value_notes(measured, data)
    notes += [
        f"Alarm: {row.title}: {text}: no verdict can rest on it."
        for row in measured.trained
        for text, _ in measured.alarms.get(row.name, ())
    ]
    return notes + _few_seeds_notes(data)


def _correction_notes(data: pd.DataFrame, *, looks: bool) -> list[str]:
    worded = data[data["p_adjusted"].notna()]
    tests, stepping = len(worded), worded["n_seeds"].max() >= STEPPING_SEEDS
    if not tests:
        return []
    margins = data["margin"].notna().any()
    how = ("step by step" if margins else "by Holm's method") if stepping else "by Bonferroni's method"
    both = ", for difference and equivalence together" if margins else ""
    both += ", at every look together" * looks
    return [
        f"Verdicts are corrected {how} over {tests} comparisons{both}: any false word in the table has a chance of 5 %."
    ]


def _margin_notes(data: pd.DataFrame) -> list[str]:
    """What equivalent means, and what is left open."""
    if not data["p_adjusted"].notna().any():
        return []
    margins = data.dropna(subset="margin").drop_duplicates("metric")
    told = ", ".join(f"{line.metric} {line.margin:g}" for line in margins.itertuples())
    without = [metric for metric in data["metric"].unique() if metric not in set(margins["metric"])]
    if not told:
        return ["No metric has a margin: nothing is called equivalent."]
    rest = f"; {', '.join(without)} without a margin" if without else ""
    return [f"Equivalent: no difference larger than the margin, {told}{rest}."]


def _open_notes(measured: Measurements, data: pd.DataFrame) -> list[str]:
    """How large the differences may be that are not resolved, the least and the most of every metric.

    Differences that are one number show no variance that a bound could be made of, such as those of a class that no
    network finds.
    """
    left = data[(data["verdict"] == NOT_RESOLVED) & data["bound"].notna() & (data["low"] < data["high"])]
    parts = []
    for metric, bounds in left.groupby("metric", sort=False)["bound"]:
        digits = measured.record.metric(str(metric)).decimals
        ends = dict.fromkeys((rounded_up(bounds.min(), digits), rounded_up(bounds.max(), digits)))
        parts.append(f"{metric} {' to '.join(ends)}")
    return [f"An open cell may still differ by at most, either way: {', '.join(parts)}."] if parts else []


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
