"""Training curves: every loss term of a stage over its epochs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from assay.evidence.figures.drawing import BASE, NothingToDraw, count, drawing, label, panels
from assay.evidence.twins import twins
from assay.store.run.folder import RunRecord

__all__ = ["STAGE_TITLES", "stages_of", "training_curves"]

STAGE_TITLES = {"stage1": "stage I", "stage2": "stage II", "joint": "joint training"}
COLUMNS = 4
_DASHES = ("", (4, 1.5), (1, 1))


def stages_of(curves: pd.DataFrame) -> list[str]:
    """The stages that have curves, in the order of training."""
    found = list(curves["stage"].unique())
    return [*(stage for stage in STAGE_TITLES if stage in found), *sorted(set(found) - set(STAGE_TITLES))]


@drawing
def training_curves(curves: pd.DataFrame, record: RunRecord, stage: str) -> Figure:
    """A panel per loss term, a line per row: mean over seeds, with a band from the smallest to the largest.

    Args:
        curves: of a run, see `RunFolder.curves`.
        record: of the same run.
        stage: `stage1`, `stage2` or `joint`.
    """
    titles = {row.name: label(row.title, 40) for row in record.rows}
    mine = curves[(curves["stage"] == stage) & curves["row"].isin(titles)]
    name = STAGE_TITLES.get(stage) or label(stage)
    if mine.empty:
        raise NothingToDraw(f"No training curves of {name} in this run.")
    rows = [row for row in titles if row in set(mine["row"])]
    terms = list(dict.fromkeys(mine["term"]))
    lines = -(-len(terms) // COLUMNS)
    figure, axes = panels(lines, min(COLUMNS, len(terms)), 2.2 * lines + 1.1 + 0.12 * len(rows))
    styles = _styles(list(titles), record.base_row)  # of all rows: the same in every stage
    for ax, term in zip(axes, terms, strict=False):
        part = mine[mine["term"] == term]
        _lines(ax, part, [row for row in rows if row in set(part["row"])], styles)
        ax.set(title=f"{label(term)} (weight {_weights(part)})", xlabel="epoch", ylabel="")
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        if part["epoch"].nunique() == 1:
            ax.set_xlim(part["epoch"].iloc[0] - 1, part["epoch"].iloc[0] + 1)
    for ax in axes[len(terms) :]:
        ax.set_visible(False)
    same = twins(mine, sorted(rows, key=lambda row: row != record.base_row))
    named = {row: f"{titles[row]} (as {titles[same[row]]})" if row in same else titles[row] for row in rows}
    handles = [Line2D([], [], label=named[row], **styles[row]) for row in rows]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    seeds = count(mine.groupby("row")["seed"].nunique(), "seed")
    figure.suptitle(f"Loss terms of {name}, before their weights (mean and range over {seeds})")
    return figure


def _lines(ax: Any, part: pd.DataFrame, rows: Sequence[str], styles: dict[str, dict[str, Any]]) -> None:
    sns.lineplot(
        part, x="epoch", y="value", hue="row", style="row", hue_order=rows, style_order=rows, ax=ax, legend=False,
        palette={row: styles[row]["color"] for row in rows}, dashes={row: styles[row]["dashes"] or "" for row in rows},
        errorbar=("pi", 100), err_kws={"alpha": 0.1, "linewidth": 0}, linewidth=1.4,
        marker="." if part["epoch"].nunique() == 1 else None,
    )  # fmt: skip


def _styles(rows: Sequence[str], base: str) -> dict[str, dict[str, Any]]:
    """The base in black; colours that come again have another dash."""
    colours = [tuple(colour) for colour in sns.color_palette("colorblind")]
    others = [row for row in rows if row != base]
    styles: dict[str, dict[str, Any]] = {
        row: {
            "color": colours[place % len(colours)],
            "dashes": _DASHES[place // len(colours) % len(_DASHES)] or (None, None),
        }
        for place, row in enumerate(others)
    }
    return styles | ({base: {"color": BASE, "dashes": (None, None)}} if base in rows else {})


def _weights(part: pd.DataFrame) -> str:
    weights = sorted(part["weight"].unique())
    return f"{weights[0]:g}" if len(weights) == 1 else f"{weights[0]:g} to {weights[-1]:g}"
