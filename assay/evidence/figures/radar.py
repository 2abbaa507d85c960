"""Radar of the metrics: every row in relation to the base."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from assay.evidence.figures.drawing import BASE, VERDICT_STYLES, WIDTH, NothingToDraw, count, drawing, label, wrapped
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.words import BETTER
from assay.metric import SMALLER
from assay.store.run.folder import RunRecord

__all__ = ["radar", "spokes_of"]

COLUMNS = 4
FEWEST_METRICS = 3

Array = NDArray[np.float64]


@drawing
def radar(measured: Measurements) -> Figure:
    """A radar per trained row: its means over the base's under the same seeds; the base is the black circle at 1.

    Further out is better: of a metric that is better when it is smaller the ratio is turned over, and its name says so.

    Args:
        measured: of a run, with all the metrics that are to be spokes (`measurements(run, spokes_of(record))`). A
            metric of which the base's mean is not above zero is left out.
    """
    base = measured.record.base_row
    ours = measured.seeds(base)
    spokes = [metric for metric in measured.record.columns if _mean(measured, base, metric, ours) > 0]
    shared = {row.name: sorted(set(measured.seeds(row.name)) & set(ours)) for row in measured.compared}
    rows = [row for row in measured.compared if shared[row.name]]
    if len(spokes) < FEWEST_METRICS or not rows:
        raise NothingToDraw(f"A radar needs {FEWEST_METRICS} metrics of {measured.base_title} and of another row.")
    ratios = [_ratios(measured, row.name, spokes, shared[row.name]) for row in rows]
    names = [f"1/{spoke}" if measured.record.metric(spoke).better == SMALLER else spoke for spoke in spokes]
    figure, axes = _panels(len(rows))
    low, high = _limits(np.stack(ratios))
    for ax, row, ratio in zip(axes, rows, ratios, strict=True):
        _panel(ax, [label(name) for name in names], ratio, low, high)
        ax.set_title(label(row.title), pad=14)
    left_out = [metric for metric in measured.record.columns if metric not in spokes]
    rest = f"; without {label(', '.join(left_out), 60)}" if left_out else ""
    seeds = count((len(shared[row.name]) for row in rows), "seed")
    n = f"n = {seeds} × {measured.counted}" if measured.images else f"n = {seeds}"
    title = f"Mean of each metric / mean of {label(measured.base_title)} (black circle: 1; {n}{rest})"
    figure.suptitle(wrapped(title, figure))
    return figure


def spokes_of(record: RunRecord) -> tuple[str, ...]:
    """The metrics that a radar shows: those that have a direction, each in its first convention."""
    known = [metric.name for metric in record.metrics if metric.directed and not metric.variant_of]
    return tuple(known) or record.columns


def _ratios(measured: Measurements, row: str, spokes: Sequence[str], seeds: Sequence[int]) -> Array:
    base = measured.record.base_row
    ratios = [_mean(measured, row, spoke, seeds) / _mean(measured, base, spoke, seeds) for spoke in spokes]
    turned = [measured.record.metric(spoke).better == SMALLER for spoke in spokes]
    return np.array([1 / ratio if over else ratio for ratio, over in zip(ratios, turned, strict=True)])


def _mean(measured: Measurements, row: str, metric: str, seeds: Sequence[int]) -> float:
    cube = measured.cube(row, metric)
    return float(cube.loc[list(seeds)].to_numpy().mean()) if cube.size else math.nan


def _panels(number: int) -> tuple[Figure, list[PolarAxes]]:
    columns = min(number, COLUMNS)
    lines = -(-number // columns)
    height = 3.0 * lines + 0.5
    figure = Figure(figsize=(WIDTH, height))
    axes: list[Any] = [figure.add_subplot(lines, columns, place + 1, projection="polar") for place in range(number)]
    figure.subplots_adjust(0.04, 0.3 / height, 0.96, 1 - 1.1 / height, wspace=0.45, hspace=0.55)
    return figure, axes


def _limits(ratios: Array) -> tuple[float, float]:
    """Room for every ratio and for 1."""
    low, high = min(1.0, float(np.nanmin(ratios))), max(1.0, float(np.nanmax(ratios)))
    margin = max(0.15 * (high - low), 0.005)
    low = low - 3 * margin
    return (max(low, 0.0) if (ratios >= 0).all() else low), high + margin


def _panel(ax: PolarAxes, spokes: list[str], ratio: Array, low: float, high: float) -> None:
    angles = np.linspace(0, 2 * np.pi, len(spokes), endpoint=False)
    colour = VERDICT_STYLES[BETTER][0]
    circle = np.linspace(0, 2 * np.pi, 200)
    ax.plot(circle, np.ones_like(circle), color=BASE, linewidth=1.2)
    closed = np.append(angles, angles[0]), np.append(ratio, ratio[0])
    ax.plot(*closed, color=colour, linewidth=1.6, marker="o", markersize=3)
    ax.fill(*closed, color=colour, alpha=0.15)
    ax.set_theta_offset(np.pi / 2)
    ax.set_theta_direction(-1)
    ax.set_xticks(angles, spokes)
    ax.set_ylim(low, high)
    ax.set_rgrids([tick for tick in MaxNLocator(4).tick_values(low, high) if low < tick < high])
    ax.tick_params(axis="y", labelsize=6, labelcolor="#666666")
    ax.tick_params(axis="x", labelsize=8, pad=1)
    ax.set_rlabel_position(180 / len(spokes))
