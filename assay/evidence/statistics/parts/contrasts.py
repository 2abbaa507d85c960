"""Effects, interactions and shares of the parts of a design: sums of rows, taken per seed and image first."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay.design.design import Design
from assay.design.effects import Effect, effects_of, share_weights_by_pair
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.correction import FEWEST_SEEDS, corrected
from assay.evidence.statistics.differences import FEWEST_IMAGES
from assay.evidence.statistics.interval import Spread, bounds, limits, p_values
from assay.evidence.statistics.parts.notes import FEWEST_EFFECT_SEEDS, contrast_notes
from assay.evidence.statistics.variance import Crossed, crossed, over_seeds_alone, stacked
from assay.evidence.statistics.words import reason_of, words_of
from assay.metric import Metric

__all__ = ["Contrasts", "contrast_spread", "contrasts_of", "mean_without_parts"]

Array = NDArray[np.float64]

_COLUMNS = [
    *("effect", "sort", "parts", "aliases", "metric", "estimate", "low", "high", "bound", "p", "p_adjusted"),
    *("verdict", "reason", "n_seeds", "n_images"),
]


@dataclass(frozen=True)
class Contrasts:
    """What the parts of a design do; estimates are "there less out", as measured, and the words know the direction.

    Attributes:
        data: a line per effect x metric: effect (what it is called), sort (`part`, `interaction`, `whole`), parts and
            aliases (places in `design.parts`, see `assay.design.effects`), estimate, low and high (its interval, by
            itself), bound (how large the true effect may be, either way), p, p_adjusted (corrected over the lines; nan
            where there are too few seeds for a word), verdict (`better`: there, the part makes the metric better; two
            interact to the better; `worse`, `different`, `not resolved`), reason (of an open line its bound or what is
            missing), n_seeds, n_images. What is unknown is nan.
        design: whose effects they are.
        notes: how they were taken, what they are mixed up with and what is missing, one sentence each.
        metrics: what the study says of the columns, in order.
        level: of the intervals.
    """

    data: pd.DataFrame
    design: Design
    notes: tuple[str, ...]
    metrics: tuple[Metric, ...]
    level: float

    def of(self, sort: str, metric: str) -> pd.DataFrame:
        """The lines of one sort and metric."""
        return self.data[(self.data["sort"] == sort) & (self.data["metric"] == metric)]


def contrasts_of(measured: Measurements, level: float = 0.95) -> Contrasts | None:
    """The effects of a run's design; None if its rows are of none.

    An effect is taken over the seeds that all of its rows have. Its variance is that of its own values, with as many
    degrees of freedom as it has seeds and images: what the rows have in common, such as the effect of a seed on all of
    them, drops out of a sum with weights that add up to zero, and whatever they share otherwise is in it.

    Args:
        measured: of a run that may be unfinished.
        level: of the intervals; words keep the rate of any false one at 5 % over all effects and metrics.
    """
    design = measured.record.design
    if design is None:
        return None
    effects = effects_of(design)
    lines = [_numbers(effects, design, metric, measured, level) for metric in measured.record.shown]
    data = _judged(pd.concat(lines, ignore_index=True), measured)[_COLUMNS] if lines else pd.DataFrame(columns=_COLUMNS)
    notes = contrast_notes(data, design, measured, level)
    return Contrasts(data, design, tuple(notes), measured.record.shown, level)


def contrast_spread(tables: Crossed, *, sampled: bool = True, pairs: Array | None = None) -> Spread:
    """The uncertainty of contrasts, from their own mean squares and degrees of freedom.

    Args:
        tables: contrasts of one metric, values of (seeds, images), taken apart.
        sampled: False of a metric with one value a training.
        pairs: the same contrasts by each pair of drawn orders, shape (..., pairs); their spread is a third part.
    """
    known = (tables.n_seeds > 1) & (tables.worth >= (FEWEST_IMAGES if sampled else 1))
    n = np.where(known, tables.n_seeds, np.nan)
    images, images_df = max(tables.n_images, 1), tables.images_df if sampled else 0
    seeds, of_images = tables.seeds / n, tables.images / images
    spread = Spread(seeds, n - 1, of_images, images_df, tables.skewness, n_images=max(images, 2))
    if pairs is None or not pairs.size:
        return spread
    count = pairs.shape[-1]
    return replace(spread, draws=pairs.var(-1, ddof=1) / count, draws_df=count - 1)


def mean_without_parts(design: Design, metric: str, measured: Measurements) -> float:
    """Of the row without any part, over the seeds that the shares are taken over; nan if there are none."""
    nothing = (design.levels.sum(1) == 0).astype(float)
    values = _contrast(nothing, design, metric, measured)
    return float(values.mean()) if values.size else np.nan


def _effect_title(effect: Effect, design: Design) -> str:
    """`GNN`, `GNN × CAI`, `all parts together`."""
    if effect.sort == "whole":
        return "all together" if design.kind == "shapley" else "all together, beyond the sum"
    return " × ".join(design.parts[place].title for place in effect.parts)


def _numbers(
    effects: Sequence[Effect], design: Design, metric: Metric, measured: Measurements, level: float
) -> pd.DataFrame:
    """One metric's lines, without words."""
    values = [_contrast(effect.weights, design, metric.name, measured) for effect in effects]
    sampled = metric.name not in measured.whole
    tables = stacked([crossed(each, metric.effective_samples) for each in values])
    tables = tables if sampled else over_seeds_alone(tables)
    spread = contrast_spread(tables, sampled=sampled, pairs=_by_pair(effects, design, metric.name, measured))
    low, high = limits(tables.mean, spread, level)
    about = [(_effect_title(effect, design), effect.sort, effect.parts, effect.aliases) for effect in effects]
    lines = pd.DataFrame(about, columns=["effect", "sort", "parts", "aliases"])
    return lines.assign(
        metric=metric.name,
        estimate=tables.mean,
        low=low,
        high=high,
        bound=bounds(tables.mean, spread),
        p=p_values(tables.mean, spread),
        n_seeds=tables.n_seeds,
        n_images=np.where(tables.n_seeds > 0, tables.n_images, 0),
        alarm=[_alarm(effect, design, measured) for effect in effects],
    )


def _contrast(weights: Array, design: Design, metric: str, measured: Measurements) -> Array:
    """The weighted sum of rows, under the seeds that all of them have; shape (seeds, samples).

    Shares are all taken over the same seeds, or they would not add up.
    """
    every = design.kind == "shapley"
    weighed = [(row, weight) for row, weight in zip(design.rows, weights, strict=True) if weight or every]
    found = [(measured.cube(row, metric), weight) for row, weight in weighed]
    seeds = _shared_seeds([cube for cube, _ in found])
    return np.asarray(sum(weight * cube.loc[seeds].to_numpy() for cube, weight in found))


def _shared_seeds(cubes: Sequence[pd.DataFrame]) -> pd.Index:
    return functools.reduce(lambda seeds, cube: seeds.intersection(cube.index), cubes[1:], cubes[0].index)


def _by_pair(effects: Sequence[Effect], design: Design, metric: str, measured: Measurements) -> Array | None:
    """The shares by each pair of orders, shape (effects, pairs); the whole is the same in any order."""
    if not design.orders:
        return None
    cubes = [measured.cube(row, metric) for row in design.rows]
    seeds = _shared_seeds(cubes)
    means = np.array([cube.loc[seeds].to_numpy().mean() if len(seeds) else np.nan for cube in cubes])
    shares = (share_weights_by_pair(design) @ means).T
    return np.vstack([shares, np.zeros((len(effects) - len(shares), shares.shape[1]))])


def _judged(lines: pd.DataFrame, measured: Measurements) -> pd.DataFrame:
    """Corrected over all lines, with words and reasons; without both where a row's values cannot be right."""
    silent = lines["alarm"] != ""
    lines.loc[silent, ["low", "high", "bound", "p"]] = np.nan
    worded = lines["p"].notna() & (lines["n_seeds"] >= FEWEST_EFFECT_SEEDS)
    p = lines["p"].where(worded).to_numpy()
    none = np.full(p.shape, np.nan)
    lines["p_adjusted"], _ = corrected(p, none, int(lines["n_seeds"].where(worded, 0).max()))
    metrics = [measured.record.metric(name) for name in lines["metric"]]
    signed = np.array([metric.signed(value) for metric, value in zip(metrics, lines["estimate"], strict=True)])
    lines["verdict"] = words_of(signed, lines["p_adjusted"].to_numpy(), none)
    lines["reason"] = [
        line["alarm"] or _reason(line, metric, measured)
        for line, metric in zip(lines.to_dict("records"), metrics, strict=True)
    ]
    lines.loc[silent, "verdict"] = ""
    return lines


def _reason(line: Mapping[Hashable, Any], metric: Metric, measured: Measurements) -> str:
    reason = reason_of(line, metric, measured.record.sample, one_value=metric.name in measured.whole)
    few = FEWEST_SEEDS <= line["n_seeds"] < FEWEST_EFFECT_SEEDS
    return f"{line['n_seeds']} seeds are too few for a word; {reason}" if few else reason


def _alarm(effect: Effect, design: Design, measured: Measurements) -> str:
    """Why an effect gets no word; empty if it may have one."""
    rows = [row for row, weight in zip(design.rows, effect.weights, strict=True) if weight]
    return next((f"{row}: {text}" for row in rows for text, _ in measured.alarms.get(row, ())), "")
