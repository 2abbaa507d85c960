"""How much of the loss, and of its gradient, every term is."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.evidence.figures.curves import STAGE_TITLES
from assay.evidence.figures.drawing import NothingToDraw, count, drawing, label, panels
from assay.store.run.folder import RunRecord
from assay.store.run.proof import TrialProof

__all__ = ["term_shares"]

KINDS = {"value_share": "share of the loss", "gradient_share": "share of the gradient norms"}


@drawing
def term_shares(record: RunRecord, proofs: Mapping[str, TrialProof], stage: str) -> Figure:
    """Two heat maps, rows x terms in percent: share of the loss's value and of its gradient norms; means over seeds.

    Args:
        record: of a run.
        proofs: of the same, see `RunFolder.proofs`.
        stage: `stage1`, `stage2` or `joint`.
    """
    data, name = _shares(record, proofs, stage), STAGE_TITLES.get(stage) or label(stage)
    if data.empty:
        raise NothingToDraw(f"No shares of the loss terms of {name} in this run.")
    titles = [row.title for row in record.rows if row.name in set(data["row"])]
    figure, axes = panels(1, 2, 1.9 + 0.36 * len(titles), share_y=True)
    for ax, (kind, what) in zip(axes, KINDS.items(), strict=True):
        _heat(ax, _percent(data, kind, record), [label(title) for title in titles])
        ax.set_title(f"{what} (%)")
    seeds = count(data.groupby("row")["trial"].nunique(), "seed")
    figure.suptitle(f"Loss terms of {name} with the trained network (mean over {seeds})")
    return figure


def _shares(record: RunRecord, proofs: Mapping[str, TrialProof], stage: str) -> pd.DataFrame:
    lines = [
        (trial.row, trial.id, term, *(100 * float(getattr(share, kind)) for kind in KINDS))
        for trial in record.trials
        if trial.status == "finished"
        for term, share in proofs.get(trial.id, TrialProof()).terms.get(stage, {}).items()
    ]
    return pd.DataFrame(lines, columns=["row", "trial", "term", *KINDS])


def _percent(data: pd.DataFrame, kind: str, record: RunRecord) -> pd.DataFrame:
    wide = data.pivot_table(index="row", columns="term", values=kind, aggfunc="mean", sort=False)
    rows = [row.name for row in record.rows if row.name in wide.index]
    return wide.reindex(index=rows, columns=list(dict.fromkeys(data["term"])))


def _heat(ax: Axes, percent: pd.DataFrame, titles: list[str]) -> None:
    """A term that a row does not have is blank."""
    sns.heatmap(
        percent, vmin=0, vmax=100, cmap="Blues", annot=True, fmt=".1f", annot_kws={"fontsize": 8}, cbar=False,
        linewidths=1, linecolor="white", ax=ax, xticklabels=[label(term) for term in percent.columns],
        yticklabels=titles,
    )  # fmt: skip
    ax.set(xlabel="", ylabel="")
    ax.grid(visible=False)
    ax.tick_params(axis="x", rotation=40, labelsize=8)
    for tick in ax.get_xticklabels():
        tick.set_horizontalalignment("right")
    ax.tick_params(axis="y", rotation=0)
