"""Paired plots: what a row does to every single image."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assay.evidence.figures.drawing import (
    BASE,
    VERDICT_STYLES,
    NothingToDraw,
    axis_title,
    count,
    drawing,
    label,
    metric_panels,
    panels,
    spread,
)
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.words import BETTER, NOT_RESOLVED, WORSE
from assay.metric import Metric

__all__ = ["paired", "paired_rows"]

BETTER_COLOUR, WORSE_COLOUR, NEITHER_COLOUR = (VERDICT_STYLES[word][0] for word in (BETTER, WORSE, NOT_RESOLVED))


@drawing
def paired_rows(measured: Measurements) -> Figure:
    """Every image's difference to the base, a panel per metric and a line of points per row; means over shared seeds.

    The number beside a row counts the images on which it is above the base.
    """
    metrics = _sampled(measured)
    rows = [row for row in measured.compared if metrics and len(_differences(measured, row.name, metrics[0].name))]
    if not rows:
        raise NothingToDraw(f"No row has a finished seed in common with {measured.base_title}: nothing to pair.")
    titles = [label(row.title) for row in rows]
    figure, axes = metric_panels(len(metrics), 0.5 + 0.5 * len(rows), 0.8)
    for ax, metric in zip(axes, metrics, strict=True):
        _strips(ax, [_differences(measured, row.name, metric.name) for row in rows], metric)
        ax.set_title(axis_title(metric))
    axes[0].set_yticks(range(len(rows)), titles)
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    base, noun = label(measured.base_title), measured.record.sample
    figure.suptitle(f"Each {noun}'s difference to {base} ({_n(measured)})")
    key = f"a dot per {noun}, blue where {BETTER}, orange where {WORSE}"
    figure.supxlabel(f"{key}; bar: median; right: {noun}s above {base} of all", fontsize=8)
    return figure


@drawing
def paired(measured: Measurements, row: str) -> Figure:
    """One row against the base: a panel per metric, a dot per image, means over shared seeds.

    Args:
        measured: of a run.
        row: name of a trained row.
    """
    metrics, base = _sampled(measured), measured.record.base_row
    if row == base:
        raise NothingToDraw(f"{measured.base_title} is what other rows are paired with: expected another one.")
    if not metrics or not len(_differences(measured, row, metrics[0].name)):
        raise NothingToDraw(f"{row} has no finished seed in common with {measured.base_title}: nothing to pair.")
    title = next((each.title for each in measured.trained if each.name == row), row)
    figure, axes = panels(-(-len(metrics) // 4), min(len(metrics), 4), 3.0 * -(-len(metrics) // 4))
    for ax, metric in zip(axes, metrics, strict=False):
        cubes = [measured.cube(name, metric.name) for name in (base, row)]
        seeds = cubes[1].index.intersection(cubes[0].index)
        _scatter(ax, cubes[0].loc[seeds].mean(), cubes[1].loc[seeds].mean(), metric)
        ax.set(title=axis_title(metric), xlabel=label(measured.base_title), ylabel=label(title))
    for ax in axes[len(metrics) :]:
        ax.set_visible(False)
    figure.suptitle(
        f"{label(title, 60)} against {label(measured.base_title)}: a dot per {measured.record.sample}, {_n(measured)}"
    )
    return figure


def _differences(measured: Measurements, row: str, metric: str) -> pd.Series:
    """Image -> mean over the shared seeds of row less base; empty if they share none."""
    ours, theirs = measured.cube(measured.record.base_row, metric), measured.cube(row, metric)
    return (theirs - ours).dropna(how="all").mean().dropna()


def _strips(ax: Axes, rows: list[pd.Series], metric: Metric) -> None:
    ax.axvline(0, color="#333333", linewidth=1)
    for place, row in enumerate(rows):
        colours = _colours(metric.signed(row))
        ax.scatter(row, place + spread(len(row), 0.4), c=colours.tolist(), s=16, alpha=0.6, edgecolors="none")
        ax.plot([row.median()] * 2, [place - 0.32, place + 0.32], color=BASE, linewidth=2)
        text = f"{int((row > 0).sum())}/{len(row)}"
        ax.annotate(text, (1, place), xycoords=("axes fraction", "data"), xytext=(3, 0), textcoords="offset points",
                    ha="left", va="center", fontsize=7, color="#444444")  # fmt: skip
    ax.set(xlabel="", ylabel="")
    ax.locator_params(axis="x", nbins=3)
    ax.grid(axis="y", visible=False)


def _scatter(ax: Axes, base: pd.Series, row: pd.Series, metric: Metric) -> None:
    low, high = min(base.min(), row.min()), max(base.max(), row.max())
    margin = 0.05 * (high - low) or 1.0
    limits = (low - margin, high + margin)
    ax.plot(limits, limits, color="#333333", linewidth=1)
    colours = _colours(metric.signed(row - base))
    ax.scatter(base, row, c=colours.tolist(), s=18, alpha=0.7, edgecolors="none")
    ax.set(xlim=limits, ylim=limits, aspect="equal")
    ax.locator_params(nbins=4)


def _colours(signed: pd.Series) -> NDArray[np.str_]:
    """Of differences that are positive where the row is better; grey without a direction."""
    return np.select([signed > 0, signed < 0], [BETTER_COLOUR, WORSE_COLOUR], NEITHER_COLOUR)


def _n(measured: Measurements) -> str:
    ours = set(measured.seeds(measured.record.base_row))
    seeds = {len(ours & set(measured.seeds(row.name))) for row in measured.compared} - {0}
    return f"n = {measured.counted}, means over {count(seeds, 'seed')}"


def _sampled(measured: Measurements) -> tuple[Metric, ...]:
    """The metrics of the table that have samples to pair."""
    return tuple(metric for metric in measured.record.shown if metric.name not in measured.whole)
