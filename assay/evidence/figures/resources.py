"""What a run cost: time, parameters and arithmetic of every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.evidence.figures.curves import STAGE_TITLES
from assay.evidence.figures.drawing import NothingToDraw, count, drawing, label, panels, spread
from assay.store.run.folder import RunRecord
from assay.store.run.proof import TrialProof

__all__ = ["resources"]


@drawing
def resources(record: RunRecord, proofs: Mapping[str, TrialProof]) -> Figure:
    """Per trained row: seconds of each trial in this run, seconds per training step, parameters, FLOPs.

    A bar of seconds per step is the mean over the seeds, which are the dots on it; the rest is the same for all seeds.

    Args:
        record: of a run.
        proofs: of the same, see `RunFolder.proofs`.
    """
    rows = [row for row in record.rows if not row.baseline]
    trials = [t for t in record.trials if t.status == "finished" and t.row in {row.name for row in rows}]
    if not trials:
        raise NothingToDraw("No trained row has finished: no resources.")
    shown = [row for row in rows if row.name in {trial.row for trial in trials}]
    places = {row.name: place for place, row in enumerate(shown)}
    by_row = {row.name: [proofs.get(t.id, TrialProof()) for t in trials if t.row == row.name] for row in shown}
    paces = [[_paces(proof) for proof in of_row] for of_row in by_row.values()]
    first = {name: of_row[0] for name, of_row in by_row.items()}
    figure, axes = panels(1, 4, 1.6 + 0.36 * len(shown), share_y=True)
    _times(axes[0], pd.DataFrame([(places[t.row], t.seconds / 60) for t in trials], columns=["place", "minutes"]))
    _bars(axes[1], [_mean(each) for each in paces], stacked=False, dots=paces)
    _bars(axes[2], [_parameters(first[row.name]) for row in shown])
    _bars(axes[3], [_flops(first[row.name]) for row in shown], stacked=False)
    names = (
        "minutes of a trial",
        "seconds a step (dots: seeds)",
        "parameters (thousands)",
        "GFLOPs forward, 1 sample",
    )
    for ax, name in zip(axes, names, strict=True):
        ax.set_title(name, fontsize=9)
        ax.set(xlabel="", ylabel="")
        ax.set_xlim(left=0)
        ax.locator_params(axis="x", nbins=4)
    axes[0].set_yticks(range(len(shown)), [label(row.title) for row in shown])
    axes[0].set_ylim(len(shown) - 0.5, -0.5)
    seeds = count([sum(trial.row == row.name for trial in trials) for row in shown], "seed")
    figure.suptitle(f"Resources (n = {seeds}; stages that were stored or shared cost a trial nothing)")
    return figure


def _times(ax: Axes, trials: pd.DataFrame) -> None:
    for place, minutes in enumerate(part for _, part in trials.groupby("place")["minutes"]):
        ax.scatter(minutes, place + spread(len(minutes), 0.3), s=24, alpha=0.7, color="#0072B2", edgecolors="none")
    ax.margins(x=0.08)
    ax.grid(axis="y", visible=False)


def _bars(
    ax: Axes, rows: list[dict[str, float]], *, stacked: bool = True, dots: Sequence[list[dict[str, float]]] = ()
) -> None:
    """A bar per row in parts, one after the other or one below the other; `dots`: what each is the mean of."""
    parts = list(dict.fromkeys(name for row in rows for name in row))
    if not parts:
        ax.text(0.5, 0.5, "not measured", transform=ax.transAxes, ha="center", va="center", color="#777777")
        return
    data = pd.DataFrame(rows, columns=parts)
    left = data.fillna(0.0).cumsum(axis=1).shift(axis=1, fill_value=0.0)
    for colour, part in zip(sns.color_palette("colorblind", len(parts)), parts, strict=True):
        number = data.notna().cumsum(axis=1)[part] - 1  # a row's parts follow each other without gaps
        height = 0.7 if stacked else 0.7 / data.notna().sum(axis=1).clip(lower=1)
        places = np.arange(len(rows)) + (0.0 if stacked else (number + 0.5) * height - 0.35)
        start = left[part] if stacked else 0
        ax.barh(places, data[part], left=start, height=height, color=colour, label=label(part), lw=0)
        for place, values in zip(places, dots, strict=False):
            known = [value[part] for value in values if part in value]
            ax.scatter(known, [place] * len(known), s=10, color="#000000", alpha=0.6, edgecolors="none", zorder=3)
    ax.margins(x=0.08)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, frameon=False, fontsize=7)


def _mean(each: list[dict[str, float]]) -> dict[str, float]:
    """Of every part over those that have it, in the order in which they come."""
    parts = dict.fromkeys(part for values in each for part in values)
    return {part: fmean(values[part] for values in each if part in values) for part in parts}


def _paces(proof: TrialProof) -> dict[str, float]:
    return {STAGE_TITLES.get(stage, stage): pace for stage, pace in proof.seconds_per_step.items()}


def _parameters(proof: TrialProof) -> dict[str, float]:
    return {part: number / 1e3 for part, number in proof.parameters.items()}


def _flops(proof: TrialProof) -> dict[str, float]:
    return {STAGE_TITLES.get(stage, stage): number / 1e9 for stage, number in proof.flops.items()}
