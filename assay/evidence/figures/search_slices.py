"""Where in its ranges a search found what: a panel for each parameter, and for each pair of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.tri import Triangulation

from assay.evidence.figures.drawing import BASE, WIDTH, NothingToDraw, axis_title, drawing, panels, wrapped
from assay.evidence.figures.search_axes import ParameterAxis
from assay.evidence.figures.search_defaults import defaults, mark_defaults, mark_style
from assay.evidence.search_results import FINISHED, SearchResults
from assay.metric import Metric

__all__ = ["COLOURS", "contours", "slices", "value_title"]

COLOURS = matplotlib.colormaps["viridis"]  # even in lightness, and safe for the colour-blind
COLUMNS, ROWS = 3, 3  # panels of a page of contours
FEWEST_FOR_CONTOUR = 5
BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#6E6E6E"
_LEGEND = [
    Line2D([], [], linestyle="none", marker="x", markersize=5, color=GREY, label="stopped early"),
    Line2D([], [], linestyle="none", marker="*", markersize=14, color=ORANGE, markeredgecolor=BASE, label="best"),
]


def value_title(objective: Metric, step: int | None) -> str:
    """What the values are, for an axis: the objective, and when it was measured if not at the end."""
    name = axis_title(objective)
    return name if step is None else f"{name} after {step} epoch{'s' if step > 1 else ''} of the last stage"


@drawing
def slices(results: SearchResults, objective: str) -> Figure:
    """An objective over each parameter: filled for finished trials, hollow for those that were stopped.

    Where final values are shown, marks at the lower edge are the places of trials that were stopped; where values on
    the way are, finished trials that have none stand at their final ones.
    """
    data, step = results.shown(objective)
    if data.empty:
        raise NothingToDraw("No trial has a value: no slices.")
    columns = min(COLUMNS, len(results.space))
    rows = -(-len(results.space) // columns)
    figure, axes = panels(rows, columns, 0.7 + 2.8 * rows, share_y=True)
    for ax, parameter in zip(axes, results.space, strict=False):
        _slice(ax, results, ParameterAxis(parameter, results.trials[parameter["name"]]), data)
    for ax in axes[len(results.space) :]:
        ax.set_visible(False)
    for ax in axes[::columns]:
        ax.set_ylabel(value_title(results.metric(objective), step).replace(" after", "\nafter"))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    count = int((~data["late"]).sum())
    figure.suptitle(wrapped(f"Slices: {value_title(results.metric(objective), step)} (n = {count} trials)", figure))
    return figure


def _slice(ax: Axes, results: SearchResults, axis: ParameterAxis, data: pd.DataFrame) -> None:
    axis.dress(ax, "x")
    places, values = axis.spread(data[axis.name]), data["value"].to_numpy(dtype=float)
    finished, late = (data["state"] == FINISHED).to_numpy(), data["late"].to_numpy(dtype=bool)
    looks = (
        (finished & ~late, "o", BLUE, BLUE, "finished"),
        (late, "o", "none", BLUE, "finished, value at the end"),
        (~finished, "o", "none", GREY, "stopped early"),
    )
    for chosen, marker, face, edge, words in looks:
        if chosen.any():
            style: dict[str, Any] = {
                "markerfacecolor": face,
                "markeredgecolor": edge,
                "linestyle": "none",
                "label": words,
            }
            ax.plot(places[chosen], values[chosen], marker, **style)
    rest = results.without(data)
    ax.plot(axis.spread(rest[axis.name]), np.full(len(rest), 0.02), "|", color=GREY, transform=ax.get_xaxis_transform())
    if (paper := axis.paper_place()) is not None:
        ax.axvline(paper, color=BASE, linestyle="--", linewidth=1, label=f"{results.defaults_of}'s value")
    mark_defaults(ax, results, data, places, values)


def contours(results: SearchResults, objective: str) -> Iterator[Figure]:
    """Every pair of parameters, several to a page: the values as heights between the trials."""
    pairs = list(combinations(results.space, 2))
    size = COLUMNS * ROWS
    for first in range(0, max(len(pairs), 1), size):
        yield _page(results, objective, pairs[first : first + size], first // size + 1, -(-len(pairs) // size))


@drawing
def _page(
    results: SearchResults, objective: str, pairs: Sequence[tuple[dict[str, object], ...]], page: int, pages: int
) -> Figure:
    if not pairs:
        raise NothingToDraw("A search over one parameter has no pairs: no contours.")
    shown, step = results.shown(objective)
    if shown.empty:
        raise NothingToDraw("No trial has a value: no contours.")
    columns = min(COLUMNS, len(pairs))
    rows = -(-len(pairs) // columns)
    figure, axes = panels(rows, columns, 1.0 + 3.2 * rows, width=max(WIDTH, 4.0 * columns))
    values = shown.loc[~shown["late"], "value"].to_numpy(dtype=float)
    scale = Normalize(values.min(), values.max() if np.ptp(values) else values.min() + 1)
    best, rest = set(results.by(objective).head(1)["trial"]), results.without(shown)
    for ax, pair in zip(axes, pairs, strict=False):
        one, other = (ParameterAxis(parameter, results.trials[str(parameter["name"])]) for parameter in pair)
        ax.plot(one.spread(rest[one.name]), other.spread(rest[other.name]), "x", color=GREY, markersize=4, zorder=1.5)
        _contour(ax, results, (one, other), shown, scale, best)
    for ax in axes[len(pairs) :]:
        ax.set_visible(False)
    title = value_title(results.metric(objective), step)
    figure.colorbar(ScalarMappable(scale, COLOURS), ax=axes, label=title)
    of = f", page {page} of {pages}" if pages > 1 else ""
    figure.suptitle(wrapped(f"Pairs of parameters: {title} (n = {len(values)} trials{of})", figure))
    figure.legend(handles=_legend(results, shown), loc="outside lower center", ncols=3, frameon=False)
    return figure


def _contour(
    ax: Axes,
    results: SearchResults,
    axes: tuple[ParameterAxis, ParameterAxis],
    shown: pd.DataFrame,
    scale: Normalize,
    best: set[int],
) -> None:
    """One pair; a trial without a value after as many epochs as the others is a place without a colour."""
    one, other = axes
    one.dress(ax, "x")
    other.dress(ax, "y")
    x, y, late = one.spread(shown[one.name]), other.spread(shown[other.name]), shown["late"].to_numpy(dtype=bool)
    data, values = shown[~late], shown.loc[~late, "value"].to_numpy(dtype=float)
    if not one.choices and not other.choices:
        _heights(ax, one, other, data, values, scale)
    ax.scatter(x[~late], y[~late], c=values, cmap=COLOURS, norm=scale, edgecolors="white", s=42, zorder=3)
    ax.scatter(x[late], y[late], facecolors="none", edgecolors=BLUE, s=42, zorder=3)
    chosen = shown["trial"].isin(best).to_numpy()
    ax.scatter(x[chosen], y[chosen], marker="*", facecolors=ORANGE, edgecolors=BASE, s=260, zorder=2.5)
    mark_defaults(ax, results, shown, x, y)
    ax.grid(visible=False)


def _legend(results: SearchResults, shown: pd.DataFrame) -> list[Line2D]:
    """What the marks of a page mean; only of those that there are."""
    handles = [*_LEGEND]
    if shown["late"].any():
        hollow: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 6, "markerfacecolor": "none"}
        handles.append(Line2D([], [], markeredgecolor=BLUE, label="finished, no value then", **hollow))
    marks = defaults(results, shown)
    return handles + [Line2D([], [], marker=marker, label=words, **mark_style()) for marker, words, _ in marks]


def _heights(
    ax: Axes, one: ParameterAxis, other: ParameterAxis, data: pd.DataFrame, values: np.ndarray, scale: Normalize
) -> None:
    """Levels between the trials, on the parameters' own scales; left out where they do not span an area."""
    if len(data) < FEWEST_FOR_CONTOUR:
        return
    x, y = one.unit(data[one.name]), other.unit(data[other.name])
    try:
        triangles = Triangulation(x, y).triangles
    except (ValueError, RuntimeError):  # all on a line
        return
    flat = Triangulation(one.places(data[one.name]), other.places(data[other.name]), triangles)
    ax.tricontourf(flat, values, levels=12, cmap=COLOURS, norm=scale, alpha=0.55, zorder=1)
