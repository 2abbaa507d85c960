"""Methods that were measured once on the same samples: words for their differences, over samples alone.

No training is repeated here, so the intervals say what other samples of the kind would give of these very results, and
nothing about what another training of a method would give.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay.evidence.statistics.correction import ALPHA, STEPPING_SEEDS, corrected
from assay.evidence.statistics.differences import FEWEST_IMAGES
from assay.evidence.statistics.interval import Spread, bounds, equivalence_p_values, limits, p_values
from assay.evidence.statistics.variance import crossed
from assay.evidence.statistics.words import reason_of, words_of
from assay.metric import Metric

__all__ = ["method_verdicts", "resolved_columns"]

Array = NDArray[np.float64]

_LINE = [
    *("group", "method", "metric", "n_samples", "difference", "low", "high", "bound", "p", "p_adjusted", "margin"),
    *("p_equal", "p_equal_adjusted", "effect", "verdict", "reason"),
]


def method_verdicts(
    values: pd.DataFrame, metrics: Sequence[Metric], against: str, *, noun: str = "image", level: float = 0.95
) -> pd.DataFrame:
    """Every method less the one that is named, paired over the samples of each group.

    Args:
        values: columns group (a set of samples), method, sample, metric, value; in a group every method has every
            sample, finite. A method may lack whole groups.
        metrics: those of the values.
        against: the method that the others are held against.
        noun: what a sample is called.
        level: of the intervals; any false word among all lines has a chance of at most 5 %.

    Returns:
        A line per group, method and metric, as `assay.evidence.statistics.verdict.Verdicts.data` has them, with
        n_samples in place of seeds and images. With fewer than three samples a group has no words.
    """
    methods = [name for name in values["method"].unique() if name != against]
    return _judged(values, metrics, [(name, against) for name in methods], noun, level)


def resolved_columns(values: pd.DataFrame, metrics: Sequence[Metric]) -> set[tuple[str, str]]:
    """Group and metric of the columns in which any two methods are resolved, all pairs of all columns counted."""
    lines = _judged(values, metrics, list(combinations(values["method"].unique(), 2)), "sample", 0.95)
    resolved = lines[lines["p_adjusted"] < ALPHA]
    return set(zip(resolved["group"], resolved["metric"], strict=True))


def _judged(
    values: pd.DataFrame, metrics: Sequence[Metric], pairs: Sequence[tuple[str, str]], noun: str, level: float
) -> pd.DataFrame:
    parts = [
        _numbers(cells.pivot(index="method", columns="sample", values="value"), str(group), metric, pairs, level)
        for group in values["group"].unique()
        for metric in metrics
        if len(cells := values[(values["group"] == group) & (values["metric"] == metric.name)])
    ]
    lines = pd.DataFrame([line for part in parts for line in part], columns=_LINE)
    p, equal = (lines[name].to_numpy(dtype=float) for name in ("p", "p_equal"))
    lines["p_adjusted"], lines["p_equal_adjusted"] = corrected(p, equal, STEPPING_SEEDS)
    of = {metric.name: metric for metric in metrics}
    told = zip(lines["metric"], lines["difference"], strict=True)
    signed = np.array([of[str(metric)].signed(difference) for metric, difference in told])
    lines["verdict"] = words_of(signed, lines["p_adjusted"].to_numpy(), lines["p_equal_adjusted"].to_numpy())
    lines["reason"] = [_reason(line, of[line["metric"]], noun) for line in lines.to_dict("records")]
    return lines


def _numbers(
    cube: pd.DataFrame, group: str, metric: Metric, pairs: Sequence[tuple[str, str]], level: float
) -> list[dict[str, Any]]:
    """The lines of one metric in one group; methods that it lacks have none."""
    there = [(one, other) for one, other in pairs if one in cube.index and other in cube.index]
    if not there:
        return []
    paired = np.array([cube.loc[one].to_numpy() - cube.loc[other].to_numpy() for one, other in there], dtype=float)
    mean, spread, effect = _taken_apart(paired, metric.effective_samples)
    margin = np.nan if metric.margin is None else metric.margin
    low, high = limits(mean, spread, level)
    columns = {
        "difference": mean,
        "low": low,
        "high": high,
        "bound": bounds(mean, spread),
        "p": p_values(mean, spread),
        "p_equal": equivalence_p_values(mean, spread, margin),
        "effect": effect,
    }
    about = {"group": group, "metric": metric.name, "n_samples": paired.shape[1], "margin": margin}
    return [
        {**about, "method": one, **{name: column[place] for name, column in columns.items()}}
        for place, (one, _) in enumerate(there)
    ]


def _taken_apart(paired: Array, effective_samples: float | None) -> tuple[Array, Spread, Array]:
    """Mean, uncertainty and standardised size of differences, shape (pairs, samples)."""
    n = paired.shape[1]
    table = crossed(paired[:, None, :], effective_samples)
    variance = paired.var(-1, ddof=1) if table.worth >= FEWEST_IMAGES else np.full(len(paired), np.nan)
    nothing = np.zeros(len(paired))
    spread = Spread(nothing, np.ones(len(paired)), variance / n, table.images_df, table.skewness, n_images=max(n, 2))
    deviation = np.sqrt(variance)
    effect = np.where(deviation > 0, table.mean / np.where(deviation > 0, deviation, 1.0), np.nan)
    return table.mean, spread, effect


def _reason(line: Mapping[Hashable, Any], metric: Metric, noun: str) -> str:
    counted = {**line, "n_seeds": STEPPING_SEEDS, "n_images": line["n_samples"]}  # no seeds that could be too few
    return reason_of(counted, metric, noun, one_value=False)
