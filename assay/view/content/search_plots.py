"""Figures of a search, as plotly reads them: its history, and parallel coordinates of its trials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from assay.evidence.search_results import SearchResults
from assay.view.content.curves import Figure, whole

__all__ = ["history_figures", "parallel_figures"]

_MOST = 5000  # trials that are drawn, the latest
# From the worst to the best: cividis, which all eyes tell apart, and which stands out from light and dark.
_SHADES = ("#31446b", "#4d566c", "#666870", "#7f7b75", "#9a8f77", "#b5a371", "#d2b867", "#efcf55")
_MANY = 100  # lines of one shade, which would cover one another
_AXIS_PX, _HEIGHT = 92, 380


def history_figures(results: SearchResults) -> list[Figure]:
    """A figure per objective: every trial's value, and the best so far; of trials that were stopped the last value."""
    return [_history(results, name) for name in results.objectives]


def _history(results: SearchResults, name: str) -> Figure:
    metric, trials = results.metric(name), results.trials.tail(_MOST)
    ended = trials[trials["state"] == "finished"].sort_values("trial")
    values = ended[name].to_numpy(dtype=float)
    within = (results.outside.loc[ended.index] == "").to_numpy()
    best = np.maximum.accumulate(np.where(within, metric.signed(values), -np.inf)) if len(values) else values
    line = metric.signed(np.where(np.isfinite(best), best, np.nan))
    told = [f"trial {line['trial']}{': ' + line['role'] if line['role'] else ''}" for line in ended.to_dict("records")]
    data = [
        *_stopped(results, name),
        _points(ended["trial"].tolist(), values.tolist(), told, "finished", {"color": "#0173b2", "size": 7}),
        {"type": "scatter", "mode": "lines", "x": ended["trial"].tolist(), "y": _known(line), "name": "best so far",
         "line": {"color": "#de8f05", "shape": "hv", "width": 2}, "hoverinfo": "skip"},
    ]  # fmt: skip
    layout = {"height": 320, "hovermode": "closest", "xaxis": whole("trial", trials["trial"]), "showlegend": True}
    return {"title": f"{metric.heading}, {metric.better} is better", "data": data, "layout": layout}


def _stopped(results: SearchResults, name: str) -> list[Figure]:
    """Values on the way of trials that did not come to their end; known of one objective alone."""
    stopped = results.trials.loc[results.trials["state"] == "stopped", "trial"].tail(_MOST)
    last = results.values[results.values["trial"].isin(stopped)].groupby("trial").last().reset_index()
    if last.empty:
        return []
    told = [f"trial {line['trial']}, stopped at step {line['step']}" for line in last.to_dict("records")]
    marker = {"color": "soft", "size": 5, "symbol": "x-thin-open"}
    return [_points(last["trial"].tolist(), last["value"].tolist(), told, "stopped, last value", marker)]


def _points(x: list[Any], y: list[Any], told: list[str], name: str, marker: Mapping[str, Any]) -> Figure:
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "text": told, "name": name, "marker": dict(marker),
            "hovertemplate": "%{text}<br>%{y:.5g}<extra></extra>"}  # fmt: skip


def parallel_figures(results: SearchResults) -> list[Figure]:
    """A line per finished trial over all parameters to the first objective, the best ones on top and brightest."""
    name = results.objectives[0]
    trials = results.by(name).head(_MOST)
    if len(trials) < 2:
        return []
    plain = [_scaled(each, trials[each].to_numpy(dtype=float), log=False) for each in results.objectives]
    axes = [*(_axis(trials, parameter) for parameter in results.space), *plain]
    heights = np.stack([height for _, height, _ in axes], axis=1)
    # The best come first, and the brighter a shade, the fewer have it.
    shades = [int(len(_SHADES) * math.sqrt(place / len(trials))) for place in range(len(trials))]
    data = [
        _shade(trials, heights, axes, np.array(shades) == shade, _SHADES[len(_SHADES) - 1 - shade])
        for shade in reversed(range(len(_SHADES)))
    ]
    layout = {
        "height": _HEIGHT, "minwidth": _AXIS_PX * len(axes), "hovermode": "closest", "showlegend": False,
        "xaxis": {"tickvals": list(range(len(axes))), "ticktext": [title for title, _, _ in axes], "side": "top",
                  "range": [-0.35, len(axes) - 0.65], "showgrid": True, "fixedrange": True},
        "yaxis": {"visible": False, "range": [-0.1, 1.1], "zeroline": False, "fixedrange": True},
        "annotations": [each for place, (_, _, ends) in enumerate(axes) for each in _ends(place, ends)],
    }  # fmt: skip
    told = f"Finished trials inside the ranges, brightest the best in {name}"
    return [{"title": told, "data": data, "layout": layout}]


Axis = tuple[str, np.ndarray, Mapping[float, str]]


def _axis(trials: pd.DataFrame, parameter: Mapping[str, Any]) -> Axis:
    """Name of a parameter, the heights of its values in 0..1, and what stands beside the axis."""
    name, choices = parameter["name"], [str(choice) for choice in parameter.get("choices") or ()]
    if choices:
        places = {choice: place / max(len(choices) - 1, 1) for place, choice in enumerate(choices)}
        heights = trials[name].map(lambda value: places.get(str(value), math.nan)).to_numpy(dtype=float)
        return name, heights, {place: choice for choice, place in places.items()}
    return _scaled(name, trials[name].to_numpy(dtype=float), log=parameter.get("scale") == "log")


def _scaled(name: str, values: np.ndarray, *, log: bool) -> Axis:
    log = log and bool((values > 0).all())
    shown = np.log(values) if log else values
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    heights = (shown - low) / (high - low) if high > low else np.full(len(values), 0.5)
    ends = {0.0: f"{np.nanmin(values):.3g}", 1.0: f"{np.nanmax(values):.3g}"}
    return (f"{name} (log)" if log else name), heights, ends if high > low else {0.5: ends[0.0]}


def _shade(trials: pd.DataFrame, heights: np.ndarray, axes: list[Axis], chosen: np.ndarray, colour: str) -> Figure:
    """The lines of one colour as one, which is lifted between two trials."""
    x, y, told = [], [], []
    for line, height in zip(trials[chosen].to_dict("records"), heights[chosen], strict=True):
        x += [*range(len(axes)), None]
        y += [*_known(height), None]
        told += [f"trial {line['trial']}: {title} = {_short(line, title)}" for title, _, _ in axes] + [""]
    opacity = 0.75 if chosen.sum() < _MANY else 0.4
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "text": told, "opacity": opacity, "hoverinfo": "text",
            "line": {"color": colour, "width": 1.2}, "connectgaps": False}  # fmt: skip


def _short(line: Mapping[Any, Any], title: str) -> str:
    value = line[title.removesuffix(" (log)")]
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _ends(place: int, ends: Mapping[float, str]) -> list[Figure]:
    at = {"x": place, "xref": "x", "yref": "y", "showarrow": False, "font": {"size": 11}}
    few = len(ends) == 2
    return [
        {**at, "y": height, "text": text, "yshift": (-11 if height == 0 else 11) if few else 0,
         "xanchor": "center" if few else "left", "bgcolor": "" if few else "page"}
        for height, text in ends.items()
    ]  # fmt: skip


def _known(values: np.ndarray) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]
