"""Training curves as plotly reads them: plain data; the browser knows the colours of the page."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from assay.evidence.twins import twins
from assay.store.run.folder import RunRecord

__all__ = ["Figure", "curve_figures", "curve_stages", "row_colours", "whole"]

Figure = dict[str, Any]
INK = "ink"  # stands for the colour of the text
_COLOURS = (
    "#0173b2",
    "#de8f05",
    "#029e73",
    "#d55e00",
    "#cc78bc",
    "#ca9161",
    "#fbafe4",
    "#949494",
    "#ece133",
    "#56b4e9",
)
_DASHES = ("solid", "dash", "dot")
_OVER = "8px,16px"  # of a line that lies on another one: both are seen
_FEW = 8  # numbers of an axis that are all written
_MOST_POINTS = 400  # of a line


def row_colours(record: RunRecord) -> dict[str, tuple[str, str]]:
    """Row -> colour and dash, the base in the colour of the text."""
    others = [row.name for row in record.rows if row.name != record.base_row]
    count = len(_COLOURS)
    styles = {
        name: (_COLOURS[place % count], _DASHES[place // count % len(_DASHES)]) for place, name in enumerate(others)
    }
    return styles | {record.base_row: (INK, "solid")}


def curve_stages(curves: pd.DataFrame) -> list[str]:
    """The stages that have curves, in the order in which the first training went through them."""
    return [str(stage) for stage in curves["stage"].unique()]


def curve_figures(curves: pd.DataFrame, record: RunRecord, stage: str) -> list[Figure]:
    """A figure per loss term of a stage: for each row the mean over seeds, and a band from the least to the most."""
    mine = curves[(curves["stage"] == stage) & curves["row"].isin([row.name for row in record.rows])]
    return [_term(part, record, str(term)) for term, part in mine.groupby("term", sort=False)]


def _term(part: pd.DataFrame, record: RunRecord, term: str) -> Figure:
    styles, traces = row_colours(record), []
    rows = sorted(record.rows, key=lambda row: row.name != record.base_row)
    same = twins(part, [row.name for row in rows])
    for row in rows:
        own = part[part["row"] == row.name]
        if len(own):
            colour, dash = styles[row.name]
            traces += _line_and_band(own, row.name, row.title, colour, _OVER if row.name in same else dash)
    weights = sorted(part["weight"].unique())
    weight = f"{weights[0]:g}" if len(weights) == 1 else f"{weights[0]:g} to {weights[-1]:g}"
    layout = {"height": 260, "xaxis": whole("epoch", part["epoch"]), "showlegend": False}
    return {"title": f"{term} (weight {weight})", "data": traces, "layout": layout}


def _line_and_band(own: pd.DataFrame, row: str, title: str, colour: str, dash: str) -> list[Figure]:
    by_epoch = own.groupby("epoch")["value"].agg(["mean", "min", "max", "count"])
    by_epoch = by_epoch.iloc[:: max(len(by_epoch) // _MOST_POINTS, 1)]
    epochs = by_epoch.index.tolist()
    about = {"meta": row, "name": title, "hoverlabel": {"namelength": -1}}
    line = {
        **about, "type": "scatter", "mode": "lines" if len(epochs) > 1 else "markers", "x": epochs,
        "y": _numbers(by_epoch["mean"]), "line": {"color": colour, "dash": dash, "width": 1.8},
        "marker": {"color": colour}, "customdata": np.round(by_epoch[["min", "max", "count"]].to_numpy(), 6).tolist(),
        "hovertemplate": "%{y:.5g} (%{customdata[0]:.4g} to %{customdata[1]:.4g}, %{customdata[2]} seeds)",
    }  # fmt: skip
    if by_epoch["count"].max() < 2:
        return [line]
    there_and_back = [*_numbers(by_epoch["max"]), *reversed(_numbers(by_epoch["min"]))]
    band = {
        **about, "type": "scatter", "mode": "lines", "x": [*epochs, *reversed(epochs)], "y": there_and_back,
        "fill": "toself", "fillcolor": colour, "opacity": 0.13, "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip
    return [band, line]


def _numbers(values: Iterable[float]) -> list[float | None]:
    """As JSON has them: what is no finite number is none."""
    return [float(value) if math.isfinite(value) else None for value in values]


def whole(title: str, values: pd.Series) -> Figure:
    """An axis of whole numbers."""
    few = len(values) and values.max() - values.min() < _FEW
    return {"title": {"text": title}, **({"dtick": 1} if few else {})}
