"""Forest plot: every row's difference to the base with its interval and verdict, a panel per metric."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from assay.evidence.figures.drawing import (
    VERDICT_STYLES,
    NothingToDraw,
    axis_title,
    drawing,
    intervals,
    label,
    metric_panels,
    sizes,
    wrapped,
)
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.verdict import Verdicts, verdicts_of
from assay.evidence.statistics.words import DIFFERENT, EQUIVALENT, NOT_RESOLVED
from assay.metric import better_words

__all__ = ["forest", "interval_panel", "word_legend"]

MARGIN_COLOUR = VERDICT_STYLES[EQUIVALENT][0]


@drawing
def forest(measured: Measurements, verdicts: Verdicts | None = None) -> Figure:
    """Differences of the trained rows to the base.

    Args:
        measured: of a run.
        verdicts: of the same, if they are at hand.
    """
    verdicts = verdicts or verdicts_of(measured)
    data = verdicts.data[np.isfinite(verdicts.data["difference"].astype(float))]
    if data.empty:
        raise NothingToDraw(f"No row has a finished seed in common with {measured.base_title}: no differences.")
    rows = [row for row in measured.compared if row.name in set(data["row"])]
    metrics, places = measured.record.shown, {row.name: place for place, row in enumerate(rows)}
    figure, axes = metric_panels(len(metrics), 0.6 + 0.42 * len(rows), 1.1)
    for ax, metric in zip(axes, metrics, strict=True):
        interval_panel(ax, data[data["metric"] == metric.name], places)
        ax.set_title(axis_title(metric))
    axes[0].set_yticks(range(len(rows)), [label(row.title) for row in rows])
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    figure.suptitle(wrapped(_title(measured, data, verdicts.level), figure))
    figure.legend(handles=word_legend(data), loc="outside lower center", ncols=5, frameon=False)
    return figure


def interval_panel(ax: Axes, data: pd.DataFrame, places: Mapping[str, int]) -> None:
    """Differences with their intervals and words around a line at zero, and the margins.

    Args:
        ax: to draw on.
        data: row, difference, low, high, margin and verdict, as `Verdicts.data` has them.
        places: row -> its height.
    """
    ax.axvline(0, color="#333333", linewidth=1)
    for margin in data["margin"].dropna().unique():
        for end in (-margin, margin):
            ax.axvline(end, color=MARGIN_COLOUR, linewidth=1, linestyle=":")
    for line in data.to_dict("records"):
        colour, marker = VERDICT_STYLES[line["verdict"] or NOT_RESOLVED]
        place = places[line["row"]]
        if np.isfinite(line["low"]):
            ax.plot([line["low"], line["high"]], [place, place], color=colour, linewidth=2, solid_capstyle="butt")
        ax.plot(line["difference"], place, marker, color=colour, markersize=7, markeredgecolor="white")
    ax.margins(x=0.08)
    ax.locator_params(axis="x", nbins=3)
    ax.grid(axis="y", visible=False)


def _title(measured: Measurements, data: pd.DataFrame, level: float) -> str:
    taken = f"{intervals(data, level)}, {sizes(data, measured)}; {better_words(measured.record.shown)}"
    return f"Difference to {label(measured.base_title)} ({taken})"


def word_legend(data: pd.DataFrame) -> list[Line2D]:
    """Handles for the words of `data`, and for its margins if it has any."""
    handles = [
        Line2D([], [], color=colour, marker=marker, linewidth=2, label=word)
        for word, (colour, marker) in VERDICT_STYLES.items()
        if word not in (DIFFERENT, EQUIVALENT) or (data["verdict"] == word).any()
    ]
    if data["margin"].notna().any():
        handles.append(Line2D([], [], color=MARGIN_COLOUR, linestyle=":", label="margin: a smaller difference is none"))
    return handles
