"""What two parts do together beyond their sum: a heat map of all pairs, a panel per metric."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.design.fraction import letters
from assay.evidence.figures.drawing import (
    VERDICT_STYLES,
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
from assay.evidence.statistics.contrasts import Contrasts
from assay.evidence.statistics.words import BETTER, NOT_RESOLVED, SIGNS, WORSE
from assay.metric import Metric, better_words

__all__ = ["interactions"]

_ABREAST = 2
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
    parts = len(contrasts.design.parts)
    lines = math.ceil(len(contrasts.metrics) / _ABREAST)
    height = lines * (0.9 + 0.62 * (parts - 1)) + 1.0
    figure, axes = panels(lines, min(_ABREAST, len(contrasts.metrics)), height)
    for ax, metric in zip(axes, contrasts.metrics, strict=False):
        _panel(ax, contrasts, metric)
    for ax in axes[len(contrasts.metrics) :]:
        ax.set_visible(False)
    taken = f"{intervals(data, contrasts.level)}, {sizes(data, measured)}; {better_words(contrasts.metrics)}"
    colours = "blue: to the better, orange: to the worse; ▲ ▼ ◆ resolved, ○ not"
    figure.suptitle(f"Two parts together, beyond their sum\n({taken};\n{colours})", fontsize=10)
    return figure


def _panel(ax: Axes, contrasts: Contrasts, metric: Metric) -> None:
    design, lines = contrasts.design, _by_pair(contrasts.of("interaction", metric.name))
    parts = len(design.parts)
    colours, texts = np.full((parts, parts), np.nan), np.full((parts, parts), "", dtype=object)
    for one in range(parts):
        for other in range(one + 1, parts):
            line, same = lines.get((one, other), (None, ""))
            texts[other, one] = _text(line, metric, same) if line else _mixed(contrasts, (one, other))
            colours[other, one] = _turned(metric, line["estimate"]) if line else 0.0
    colours = np.where(np.isnan(colours) & (texts != ""), 0.0, colours)[1:, :-1]
    most = np.nanmax(np.abs(colours)) or 1.0
    titles = [label(part.title, 22) for part in design.parts]
    sns.heatmap(
        colours, vmin=-1.6 * most, vmax=1.6 * most, cmap=_COLOURS, annot=texts[1:, :-1], fmt="", cbar=False,
        annot_kws={"fontsize": 8, "color": "#1b1f24"}, linewidths=1, linecolor="white", mask=np.isnan(colours), ax=ax,
        xticklabels=titles[:-1], yticklabels=titles[1:],
    )  # fmt: skip
    ax.set_title(axis_title(metric))
    ax.grid(visible=False)
    ax.tick_params(axis="x", rotation=0, labelsize=8)
    ax.tick_params(axis="y", rotation=0, labelsize=8)


def _by_pair(data: pd.DataFrame) -> dict[Pair, tuple[Mapping[Any, Any], str]]:
    """Pair -> its line, and the pair that it cannot be told from, if there is one."""
    found: dict[Pair, tuple[Mapping[Any, Any], str]] = {}
    for line in data.to_dict("records"):
        pairs = [line["parts"], *(alias for alias in line["aliases"] if len(alias) == 2)]
        for pair in pairs:
            others = [_letters(other) for other in pairs if other != pair]
            found[pair] = line, f"= {', '.join(others)}" if others else ""
    return found


def _text(line: Mapping[Any, Any], metric: Metric, same: str) -> str:
    if not math.isfinite(line["estimate"]):
        return "unknown"
    parts = [f"{signed(line['estimate'], metric.decimals)} {SIGNS[line['verdict'] or NOT_RESOLVED]}"]
    if math.isfinite(line["low"]):
        parts.append(" to ".join(signed(line[end], metric.decimals) for end in ("low", "high")))
    return "\n".join([*parts, *([same] if same else [])])


def _mixed(contrasts: Contrasts, pair: Pair) -> str:
    """Why a pair has no line of its own: it is the alias of a part."""
    lines = contrasts.data[contrasts.data["sort"] == "part"].to_dict("records")
    part = next((line["parts"][0] for line in lines if pair in line["aliases"]), None)
    return "" if part is None else f"= {contrasts.design.parts[part].title}"


def _turned(metric: Metric, estimate: float) -> float:
    """Positive to the better; of a metric without direction as it is."""
    return metric.signed(estimate) or estimate


def _letters(pair: Pair) -> str:
    return "×".join(letters(1 << place) for place in pair)
