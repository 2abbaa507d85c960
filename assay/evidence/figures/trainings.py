"""The mean of every training, beside what the base trained again would give: the noise floor in its own scale."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from assay.evidence.figures.drawing import BASE, NothingToDraw, axis_title, count, drawing, label, metric_panels, spread
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.noise import noise_floor
from assay.store.run.folder import RowRecord

__all__ = ["trainings"]

FLOOR_COLOUR, DOT_COLOUR = "#E3E3E3", "#6E6E6E"


@drawing
def trainings(measured: Measurements) -> Figure:
    """A panel per metric, a line per trained row, a dot per training; a band around the mean of the base.

    The band is the noise floor, which is no paired quantity and so has no place among differences.
    """
    rows = [row for row in measured.trained if measured.seeds(row.name)]
    if not rows:
        raise NothingToDraw("No training has finished.")
    metrics = measured.record.shown
    figure, axes = metric_panels(len(metrics), 0.6 + 0.42 * len(rows), 1.1)
    floors = noise_floor(measured).set_index("metric")["half_width"]
    for ax, metric in zip(axes, metrics, strict=True):
        _panel(ax, measured, rows, metric.name, float(floors[metric.name]))
        ax.set_title(axis_title(metric))
    axes[0].set_yticks(range(len(rows)), [label(row.title) for row in rows])
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    n = count((len(measured.seeds(row.name)) for row in rows), "seed")
    over = f", means over {measured.counted}" if measured.images else ""
    figure.suptitle(f"Every training ({n}{over})")
    figure.legend(handles=_legend(measured), loc="outside lower center", ncols=3, frameon=False)
    return figure


def _panel(ax: Axes, measured: Measurements, rows: list[RowRecord], metric: str, floor: float) -> None:
    base = measured.cube(measured.record.base_row, metric)
    if math.isfinite(floor) and base.size:
        middle = float(base.to_numpy().mean())
        ax.axvspan(middle - floor, middle + floor, color=FLOOR_COLOUR, zorder=0)
    for place, row in enumerate(rows):
        means = measured.cube(row.name, metric).mean(axis=1).to_numpy()
        ax.scatter(means, place + spread(len(means), 0.3), s=16, color=DOT_COLOUR, edgecolors="none", alpha=0.8)
        ax.plot([means.mean()] * 2, [place - 0.3, place + 0.3], color=BASE, linewidth=2)
    ax.locator_params(axis="x", nbins=3)
    ax.grid(axis="y", visible=False)


def _legend(measured: Measurements) -> list[Line2D | Patch]:
    base = label(measured.base_title)
    return [
        Line2D([], [], color=DOT_COLOUR, marker="o", linestyle="", label="a training"),
        Line2D([], [], color=BASE, linewidth=2, label="mean of a row"),
        Patch(color=FLOOR_COLOUR, label=f"noise floor: the mean of {base} trained again lies here, 19 times out of 20"),
    ]
