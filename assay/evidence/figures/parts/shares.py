"""The shares of the parts of a design, one after the other from the row without any to the base, a panel per metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.evidence.figures.drawing import (
    BASE,
    VERDICT_STYLES,
    NothingToDraw,
    axis_title,
    drawing,
    intervals,
    label,
    metric_panels,
    sizes,
)
from assay.evidence.figures.forest import word_legend
from assay.evidence.measurements import Measurements
from assay.evidence.numbers import number, signed
from assay.evidence.statistics.parts.contrasts import Contrasts, mean_without_parts
from assay.evidence.statistics.words import NOT_RESOLVED
from assay.metric import Metric, better_words

__all__ = ["part_shares"]

_ABREAST = 2
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8}  # behind a text


@drawing
def part_shares(contrasts: Contrasts, measured: Measurements) -> Figure:
    """Each part's share as a step from the row without any part to the base, with its interval and word.

    Args:
        contrasts: of a Shapley design.
        measured: of the same run.
    """
    data = contrasts.data
    if data.empty or not np.isfinite(data["estimate"].astype(float)).any():
        raise NothingToDraw("No seed has finished in all rows of the design: no shares.")
    figure, axes = metric_panels(len(contrasts.metrics), 0.9 + 0.42 * len(contrasts.design.parts), 1.5, _ABREAST)
    for ax, metric in zip(axes, contrasts.metrics, strict=True):
        _steps(ax, contrasts, metric, mean_without_parts(contrasts.design, metric.name, measured))
    ends = _ends(contrasts, measured)
    for ax in axes[::_ABREAST]:
        ax.set_yticks(range(len(ends)), [label(name) for name in ends])
        ax.set_ylim(len(ends) - 0.4, -0.6)
    taken = f"{intervals(data, contrasts.level)}, {sizes(data, measured)}; {better_words(contrasts.metrics)}"
    base = label(measured.base_title)
    figure.suptitle(f"Shares of the parts: from the row without them they add up to {base}\n({taken})")
    figure.legend(handles=word_legend(data.assign(margin=np.nan)), loc="outside lower center", ncols=5, frameon=False)
    return figure


def _ends(contrasts: Contrasts, measured: Measurements) -> list[str]:
    """What stands on the lines: nothing, every part, the base."""
    return ["without these parts", *(part.title for part in contrasts.design.parts), measured.base_title]


def _steps(ax: Axes, contrasts: Contrasts, metric: Metric, start: float) -> None:
    shares = contrasts.of("part", metric.name).to_dict("records")
    at, places = start, range(len(shares) + 2)
    for place, line in enumerate(shares, 1):
        _step(ax, place, at, line, metric.decimals)
        at += line["estimate"]
    for place, value in ((places[0], start), (places[-1], at)):
        ax.plot(value, place, "o", color=BASE, markersize=6)
        _write(ax, number(value, metric.decimals).replace("-", "\N{MINUS SIGN}"), value, place - 0.2)
    ax.use_sticky_edges = False  # a bar's end is no end of the axis
    ax.margins(x=0.12)
    ax.locator_params(axis="x", nbins=5)
    ax.grid(axis="y", visible=False)
    ax.set_title(axis_title(metric))


def _step(ax: Axes, place: int, at: float, line: Mapping[Any, Any], digits: int) -> None:
    """A bar from where the last one ended, and the interval of its end."""
    colour, _ = VERDICT_STYLES[line["verdict"] or NOT_RESOLVED]
    end = at + line["estimate"]
    ax.barh(place, line["estimate"], left=at, height=0.5, color=colour, alpha=0.75)
    for x, bottom in ((at, place - 1), (end, place)):
        ax.plot([x, x], [bottom, bottom + 1], color="#999999", linewidth=0.8, zorder=0)
    if np.isfinite(line["low"]):
        ax.plot([at + line["low"], at + line["high"]], [place, place], color=BASE, linewidth=1.3)
    _write(ax, signed(line["estimate"], digits), at + line["estimate"] / 2, place - 0.27)


def _write(ax: Axes, text: str, x: float, y: float) -> None:
    ax.annotate(text, (x, y), ha="center", va="bottom", fontsize=8, color="#333333", bbox=_PAPER)
