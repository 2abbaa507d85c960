"""Numbers of methods in print, beside what their images give here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from assay.evidence.measurements import counted
from assay.metric import Metric

__all__ = ["CLOSE", "Printed", "printed_beside"]

CLOSE = 0.005  # of the printed number: what two programs for one formula can differ by


@dataclass(frozen=True)
class Printed:
    """What is in print, beside the mean over all samples that each method has.

    Attributes:
        title: of the printed table.
        data: a line per group x method x metric that is in print: group, method, n_samples, metric, here, printed,
            apart (here less printed, as a share of the printed number).
        notes: how far it is apart, a sentence per method and group.
    """

    title: str
    data: pd.DataFrame
    notes: tuple[str, ...]

    def rows(self, group: str) -> tuple[str, ...]:
        """Methods of a group that are in print, in order."""
        return tuple(map(str, self.data.loc[self.data["group"] == group, "method"].unique()))

    def row(self, group: str, method: str) -> tuple[int, dict[str, tuple[float, float, float]]]:
        """Number of samples, and metric -> here, printed, apart."""
        found = self.data[(self.data["group"] == group) & (self.data["method"] == method)]
        cells: dict[str, tuple[float, float, float]] = {
            str(metric): (here, printed, apart)
            for metric, here, printed, apart in found[["metric", "here", "printed", "apart"]].itertuples(index=False)
        }
        return int(found["n_samples"].iloc[0]), cells


def printed_beside(
    title: str,
    values: pd.DataFrame,
    metrics: Sequence[Metric],
    numbers: Mapping[tuple[str, str, str], float],
    counts: Mapping[str, int],
    noun: str = "image",
) -> Printed | None:
    """Hold values against printed numbers.

    Args:
        title: of the printed table.
        values: columns group, method, sample, metric, value; every sample that each method has.
        metrics: in order.
        numbers: (group, method, metric) -> printed number, method named as in `values`.
        counts: group -> how many samples the printed numbers are of, where that is known.
        noun: what a sample is called.

    Returns:
        None if nothing of it is in print.
    """
    means = values.groupby(["group", "method", "metric"], sort=False)["value"].agg(["mean", "count"])
    lines = [
        (group, method, count, metric, mean, printed, mean / printed - 1 if printed else math.nan)
        for (group, method, metric), mean, count in means.itertuples(name=None)
        if math.isfinite(printed := numbers.get((group, method, metric), math.nan))
    ]
    if not lines:
        return None
    data = pd.DataFrame(lines, columns=["group", "method", "n_samples", "metric", "here", "printed", "apart"])
    parts = data.groupby(["group", "method"], sort=False)
    return Printed(title, data, tuple(_note(part, counts.get(str(group)), noun) for (group, _), part in parts))


def _note(part: pd.DataFrame, expected: int | None, noun: str) -> str:
    """`PMGI, TNO: 8 of 8 printed numbers within 0.5 %, over 25 images as in print; at most 0.06 % apart (SF).`"""
    first, close = part.iloc[0], int((part["apart"].abs() < CLOSE).sum())
    worst = part.iloc[int(part["apart"].abs().argmax())]
    over = counted(int(first["n_samples"]), noun)
    if expected is not None:
        over += " as in print" if first["n_samples"] == expected else f", in print {expected}"
    apart = f"; at most {100 * abs(worst['apart']):.2g} % apart ({worst['metric']})"
    why = "" if close == len(part) else f": other {noun}s, or another convention"
    within = f"{close} of {len(part)} printed numbers within 0.5 %"
    return f"{first['method']}, {first['group']}: {within}, over {over}{apart}{why}."
