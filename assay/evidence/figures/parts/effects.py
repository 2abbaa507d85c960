"""What the parts of a design do: the effect of each with its interval and word, a panel per metric."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from assay.evidence.figures.drawing import (
    NothingToDraw,
    axis_title,
    drawing,
    intervals,
    label,
    metric_panels,
    sizes,
    wrapped,
)
from assay.evidence.figures.forest import interval_panel, word_legend
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.parts.contrasts import Contrasts
from assay.metric import better_words

__all__ = ["part_effects"]


@drawing
def part_effects(contrasts: Contrasts, measured: Measurements) -> Figure:
    """Effects of having each part; of parts added alone, also what all are worth beyond the sum.

    Args:
        contrasts: of a design.
        measured: of the same run.
    """
    data = contrasts.data[contrasts.data["sort"] != "interaction"]
    data = data[np.isfinite(data["estimate"].astype(float))]
    if data.empty:
        raise NothingToDraw("No seed has finished in all rows of the design: no effects.")
    data = data.rename(columns={"effect": "row", "estimate": "difference"}).assign(margin=np.nan)
    names = list(data["row"].unique())
    places = {name: place for place, name in enumerate(names)}
    figure, axes = metric_panels(len(contrasts.metrics), 0.6 + 0.42 * len(names), 1.3)
    for ax, metric in zip(axes, contrasts.metrics, strict=True):
        interval_panel(ax, data[data["metric"] == metric.name], places)
        ax.set_title(axis_title(metric))
    axes[0].set_yticks(range(len(names)), [label(name) for name in names])
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    taken = f"{intervals(data, contrasts.level)}, {sizes(data, measured)}; {better_words(contrasts.metrics)}"
    figure.suptitle(wrapped(f"Effect of having a part ({taken})", figure))
    figure.legend(handles=word_legend(data), loc="outside lower center", ncols=5, frameon=False)
    return figure
