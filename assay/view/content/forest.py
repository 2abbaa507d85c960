"""The forest plot as plotly reads it: plain data; the browser knows the colours of the page."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from assay.evidence.statistics.verdict import Verdicts
from assay.evidence.statistics.words import BETTER, EQUIVALENT, SIGNS, WORSE
from assay.metric import metric_named
from assay.view.content.curves import Figure

__all__ = ["forest_figures"]

_COLOURS = {BETTER: "#0072b2", WORSE: "#d55e00", EQUIVALENT: "#00704f"}
_ROW_PX, _HEAD_PX = 24, 64


def forest_figures(verdicts: Verdicts) -> list[Figure]:
    """A figure per metric: the difference of every trained row to the base, its interval, and the word for it.

    Training-free rows, which lie far away, are drawn where no other is.
    """
    data = verdicts.data if len(verdicts.data) else verdicts.baselines
    data = data[np.isfinite(data["difference"].astype(float))]
    return [_forest(part, str(metric), verdicts) for metric, part in data.groupby("metric", sort=False)]


def _forest(part: pd.DataFrame, name: str, verdicts: Verdicts) -> Figure:
    metric = metric_named(name, verdicts.metrics)
    colours = [_COLOURS.get(word, "soft") for word in part["verdict"]]
    middle, low, high = (part[column].to_numpy(dtype=float) for column in ("difference", "low", "high"))
    words = [_told(line) for line in part.to_dict("records")]
    places = list(range(len(part), 0, -1))
    bars = [_interval(*each) for each in zip(low, high, places, colours, strict=True) if math.isfinite(each[0])]
    points = {
        "type": "scatter", "mode": "markers", "x": middle.tolist(), "y": places, "text": words,
        "marker": {"color": colours, "size": 9}, "customdata": np.stack([low, high], axis=1).tolist(),
        "hovertemplate": f"%{{text}}<br>%{{x:+.{metric.decimals}f}}<extra></extra>",
    }  # fmt: skip
    titles = part["title"].tolist()
    margin = part["margin"].dropna()
    layout = {
        "height": _HEAD_PX + _ROW_PX * len(part), "showlegend": False, "hovermode": "closest",
        "xaxis": {"zeroline": True, "nticks": 5, "tickangle": 0, "range": _range([*low, *middle, *high, 0.0])},
        "yaxis": {"tickvals": places, "ticktext": titles, "range": [0.3, len(part) + 0.7]},
        "shapes": _margin(float(margin.iloc[0])) if len(margin) else [],
    }  # fmt: skip
    return {"title": metric.heading, "data": [*bars, points], "layout": layout}


def _interval(low: float, high: float, place: int, colour: str) -> Figure:
    line = {"color": colour, "width": 2}
    return {"type": "scatter", "mode": "lines", "x": [low, high], "y": [place] * 2, "line": line, "hoverinfo": "skip"}


def _range(values: Iterable[float]) -> list[float]:
    """From the least to the largest, with room on both sides."""
    known = [value for value in values if math.isfinite(value)]
    room = 0.06 * (max(known) - min(known)) or 1.0
    return [min(known) - room, max(known) + room]


def _told(line: Mapping[Hashable, Any]) -> str:
    """`w/o GNN: ▼ worse`, with the interval and what the word rests on."""
    why = f", {line['reason']}" if line["reason"] else ""
    span = f"<br>{line['low']:.4g} to {line['high']:.4g}" if math.isfinite(line["low"]) else ""
    return f"{_escaped(line['title'])}: {SIGNS[line['verdict']]} {line['verdict']}{_escaped(why)}{span}"


def _margin(margin: float) -> list[Figure]:
    """The band in which a difference does not matter."""
    edges = {"x0": -margin, "x1": margin, "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    return [{"type": "rect", **edges, "fillcolor": "soft", "opacity": 0.12, "line": {"width": 0}}]


def _escaped(text: str) -> str:
    """Text that plotly shows as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
