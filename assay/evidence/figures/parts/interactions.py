"""What two parts do together beyond their sum: a heat map of all pairs, a panel per metric."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assay.design.fraction import letters
from assay.evidence.figures.drawing import (
    VERDICT_STYLES,
    WIDTH,
    NothingToDraw,
    axis_title,
    drawing,
    intervals,
    label,
    panels,
    sizes,
)
from assay.evidence.measurements import Measurements
from assay.evidence.numbers import signed
from assay.evidence.statistics.parts.contrasts import Contrasts
from assay.evidence.statistics.words import BETTER, NOT_RESOLVED, SIGNS, WORSE
from assay.metric import Metric, better_words

__all__ = ["interactions"]

_FEW = 4  # parts, of which two panels stand side by side
_LETTER = 0.058  # inches that a letter is wide
_COLOURS = sns.blend_palette([VERDICT_STYLES[WORSE][0], "#FFFFFF", VERDICT_STYLES[BETTER][0]], as_cmap=True)
Pair = tuple[int, int]


@drawing
def interactions(contrasts: Contrasts, measured: Measurements) -> Figure:
    """Each pair's interaction, its interval below and the mark of its word; blue is to the better.

    What is mixed up with something else says so: a pair with another pair has the same number in both places.

    Args:
        contrasts: of a design with two-part interactions.
        measured: of the same run.
    """
    data = contrasts.data[contrasts.data["sort"] == "interaction"]
    if contrasts.design.kind not in ("factorial", "pairs"):
        raise NothingToDraw("This design tells no interaction of two parts.")
    if data.empty:
        raise NothingToDraw("In this fraction every interaction of two parts is mixed up with a part: none by itself.")
    if not np.isfinite(data["estimate"].astype(float)).any():
        raise NothingToDraw("No seed has finished in all rows of the design: no interactions.")
    abreast = min(2 if len(contrasts.design.parts) <= _FEW else 1, len(contrasts.metrics))
    lines = math.ceil(len(contrasts.metrics) / abreast)
    height = lines * (0.9 + 0.62 * (len(contrasts.design.parts) - 1)) + 1.0
    figure, axes = panels(lines, abreast, height)
    for ax, metric in zip(axes, contrasts.metrics, strict=False):
        _panel(ax, contrasts, metric, abreast)
    for ax in axes[len(contrasts.metrics) :]:
        ax.set_visible(False)
    taken = f"{intervals(data, contrasts.level)}, {sizes(data, measured)}; {better_words(contrasts.metrics)}"
    colours = "blue: to the better, orange: to the worse; ▲ ▼ ◆ resolved, ○ not"
    figure.suptitle(f"Two parts together, beyond their sum\n({taken};\n{colours})", fontsize=10)
    return figure


def _panel(ax: Axes, contrasts: Contrasts, metric: Metric, abreast: int) -> None:
    parts = [part.title for part in contrasts.design.parts]
    room = int((WIDTH / abreast - 1.9) / (len(parts) - 1) / _LETTER)
    colours, texts = _cells(contrasts, metric, room)
    most = np.nanmax(np.abs(colours)) or 1.0
    named = [f"{letters(1 << place)} {title}" for place, title in enumerate(parts)]
    sns.heatmap(
        colours, vmin=-1.6 * most, vmax=1.6 * most, cmap=_COLOURS, annot=texts, fmt="", cbar=False,
        annot_kws={"fontsize": 7.5, "color": "#1b1f24"}, linewidths=1, linecolor="white", mask=np.isnan(colours), ax=ax,
        xticklabels=[label(name, room - 4) for name in named[:-1]], yticklabels=[label(name, 22) for name in named[1:]],
    )  # fmt: skip
    ax.set_title(axis_title(metric))
    ax.grid(visible=False)
    ax.tick_params(axis="x", rotation=0, labelsize=8)
    ax.tick_params(axis="y", rotation=0, labelsize=8)


def _cells(contrasts: Contrasts, metric: Metric, room: int) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Colours and texts, a line for every part but the first and a column for every part but the last.

    Args:
        contrasts: of the design.
        metric: of the panel.
        room: characters that a cell is wide.
    """
    parts, lines = len(contrasts.design.parts), _by_pair(contrasts.of("interaction", metric.name))
    colours, texts = np.full((parts, parts), np.nan), np.full((parts, parts), "", dtype=object)
    for one, other in itertools.combinations(range(parts), 2):
        line, same = lines.get((one, other), (None, ""))
        texts[other, one] = _text(line, metric, same, room) if line else _mixed(contrasts, (one, other))
        colours[other, one] = _turned(metric, line["estimate"]) if line else 0.0
    known = np.where(np.isnan(colours) & (texts != ""), 0.0, colours)
    return known[1:, :-1], texts[1:, :-1]


def _by_pair(data: pd.DataFrame) -> dict[Pair, tuple[Mapping[Any, Any], str]]:
    """Pair -> its line, and the pair that it cannot be told from, if there is one."""
    found: dict[Pair, tuple[Mapping[Any, Any], str]] = {}
    for line in data.to_dict("records"):
        pairs = [line["parts"], *(alias for alias in line["aliases"] if len(alias) == 2)]
        for pair in pairs:
            others = [_letters(other) for other in pairs if other != pair]
            found[pair] = line, f"= {', '.join(others)}" if others else ""
    return found


def _text(line: Mapping[Any, Any], metric: Metric, same: str, room: int) -> str:
    if not math.isfinite(line["estimate"]):
        return "unknown"
    parts = [f"{signed(line['estimate'], metric.decimals)} {SIGNS[line['verdict'] or NOT_RESOLVED]}"]
    if math.isfinite(line["low"]):
        interval = " to ".join(signed(line[end], metric.decimals) for end in ("low", "high"))
        parts.append(interval if len(interval) <= room else interval.replace(" to ", " to\n"))
    return "\n".join([*parts, *([same] if same else [])])


def _mixed(contrasts: Contrasts, pair: Pair) -> str:
    """Why a pair has no line of its own: it is the alias of a part."""
    lines = contrasts.data[contrasts.data["sort"] == "part"].to_dict("records")
    return next((f"= {letters(1 << line['parts'][0])}" for line in lines if pair in line["aliases"]), "")


def _turned(metric: Metric, estimate: float) -> float:
    """Positive to the better; of a metric without direction as it is."""
    return metric.signed(estimate) or estimate


def _letters(pair: Pair) -> str:
    return "×".join(letters(1 << place) for place in pair)
