"""Figures of a search: history, curves, importance, parallel coordinates, Pareto front; see also `search_slices`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from assay.evidence.figures.drawing import BASE, WIDTH, NothingToDraw, drawing, label, panels, wrapped
from assay.evidence.figures.save import save
from assay.evidence.figures.search_axes import ParameterAxis
from assay.evidence.figures.search_defaults import defaults, mark_defaults
from assay.evidence.figures.search_slices import COLOURS, contours, slices, value_title
from assay.evidence.search_results import DEFAULTS, FINISHED, STOPPED, SearchResults
from assay.metric import LARGER

__all__ = ["curves", "history", "importance", "parallel", "pareto", "search_figures", "write_search_figures"]

BLUE, GREY, RED, ORANGE = "#0072B2", "#9A9A9A", "#D55E00", "#E69F00"  # Okabe and Ito
_BEST = ("best", ORANGE, 3.0, 4)  # words, colour, width and order of a curve
_LOOKS = {
    FINISHED: ("finished", BLUE, 1.2, 2),
    STOPPED: ("stopped early", GREY, 1.0, 1),
    "failed": ("failed", RED, 1.0, 1),
    "running": ("not finished", RED, 1.0, 1),
}


def search_figures(results: SearchResults) -> Iterator[tuple[str, Figure]]:
    """Every figure that a search has, by its name."""
    yield "history", history(results)
    yield "importance", importance(results)
    for number, objective in enumerate(results.objectives):
        suffix = f"-{objective}" if number else ""
        yield f"slice{suffix}", slices(results, objective)
        for page, figure in enumerate(contours(results, objective), 1):
            yield f"contour{suffix}{f'-{page}' if page > 1 else ''}", figure
        yield f"parallel{suffix}", parallel(results, objective)
    if len(results.objectives) > 1:
        yield "pareto", pareto(results)
    else:
        yield "curves", curves(results)


def write_search_figures(results: SearchResults, folder: Path) -> list[Path]:
    """Write every figure as PNG and PDF into `folder`; returns the PNGs."""
    paths = []
    for name, figure in search_figures(results):
        save(figure, folder, f"search-{name}")
        paths.append(folder / f"search-{name}.png")
    return paths


@drawing
def history(results: SearchResults) -> Figure:
    """The value of every trial in the order in which they began, and the best so far."""
    if results.finished.empty:
        raise NothingToDraw("No trial has finished: no history.")
    figure, axes = panels(len(results.objectives), 1, 0.6 + 3.0 * len(results.objectives))
    for ax, objective in zip(axes, results.objectives, strict=True):
        _history_panel(ax, results, objective)
    axes[-1].set_xlabel("trial")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False)
    figure.suptitle(f"Search history ({_counts(results)})")
    return figure


def _history_panel(ax: Axes, results: SearchResults, objective: str) -> None:
    finished, stopped = results.finished, results.trials[results.trials["state"] == STOPPED]
    in_order = results.within.sort_values("trial").set_index("trial")[objective]
    larger = results.metric(objective).better == LARGER
    best = in_order.cummax() if larger else in_order.cummin()
    ax.step(best.index, best, where="post", color=ORANGE, linewidth=2, label="best so far")
    ax.plot(finished["trial"], finished[objective], "o", color=BLUE, label="finished")
    last = results.values.sort_values("step").groupby("trial")["value"].last()
    numbers = [number for number in stopped["trial"] if number in last.index]
    ends = last[numbers]
    low = min(finished[objective].min(), ends.quantile(0.2) if numbers and larger else np.inf)
    high = max(finished[objective].max(), ends.quantile(0.8) if numbers and not larger else -np.inf)
    if numbers:
        ends = ends.clip(low, high)  # a few that are far off would flatten all the rest
        ax.plot(numbers, ends, "v", color="none", markeredgecolor=GREY, label="stopped early, last value or worse")
    for place, number in enumerate(results.trials.loc[results.trials["state"] == "failed", "trial"]):
        ax.axvline(number, color=RED, linestyle=":", linewidth=1.5, label="_" if place else "failed")
    for value in finished.loc[finished["role"] == DEFAULTS, objective]:
        ax.axhline(value, color=BASE, linestyle="--", linewidth=1)
    mark_defaults(ax, results, finished, finished["trial"], finished[objective])
    ax.set_ylabel(value_title(results.metric(objective), None))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    margin = 0.06 * max(high - low, 1e-6)
    ax.set_ylim(low - margin, high + margin)


@drawing
def curves(results: SearchResults) -> Figure:
    """Validation values over the epochs of the last stage; where a curve ends early, the trial was stopped."""
    if results.values.empty:
        raise NothingToDraw("No trial was validated on its way: no curves.")
    figure, (ax,) = panels(1, 1, 4.0)
    best, roles = set(results.best(1)["trial"]), results.trials.set_index("trial")["role"]
    states = results.trials.set_index("trial")["state"]
    for number, values in results.values.groupby("trial"):
        words, colour, width, order = _BEST if number in best else _LOOKS[states[number]]
        if roles[number] and number not in best:
            words, colour, width, order = "_", BASE, 2.0, 3  # its mark at the end is in the legend
        line = values.sort_values("step")
        ax.plot(line["step"], line["value"], color=colour, linewidth=width, zorder=order, label=words)
        ax.plot(line["step"].iloc[-1], line["value"].iloc[-1], "o", color=colour, markersize=4, zorder=order)
    ends = _ends(results)
    mark_defaults(ax, results, ends, ends["step"], ends["value"])
    handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    ax.legend(list(handles.values()), list(handles))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("epochs of the last stage")
    ax.set_ylabel(value_title(results.metric(results.objectives[0]), None))
    figure.suptitle(f"Validation on the way ({_counts(results)})")
    return figure


def _ends(results: SearchResults) -> pd.DataFrame:
    """Every trial with its last value and the step of it; a finished one without any has its own at the last step."""
    last = results.values.sort_values("step").groupby("trial", as_index=False).last()
    ends = results.trials.merge(last, on="trial", how="left")
    steps = results.values.loc[results.values["trial"].isin(results.finished["trial"]), "step"]
    bare = ends["step"].isna() & (ends["state"] == FINISHED)
    ends.loc[bare, "step"] = steps.max()
    ends.loc[bare, "value"] = ends.loc[bare, results.objectives[0]]
    return ends.dropna(subset=["step"])


@drawing
def importance(results: SearchResults) -> Figure:
    """How much each parameter decides, beside what shuffled values give it, a panel per objective."""
    data = results.importance
    if data.empty:
        raise NothingToDraw("Too few trials to tell which parameters matter: no importance.")
    figure, axes = panels(1, len(results.objectives), 1.7 + 0.36 * data["parameter"].nunique(), share_y=True)
    for ax, objective in zip(axes, results.objectives, strict=True):
        mine = data[data["objective"] == objective]
        ax.barh(mine["parameter"].map(label), mine["importance"], color=BLUE, label="share")
        for name, share in zip(mine["parameter"], mine["importance"], strict=True):
            place = (0.995, label(name))
            ax.annotate(f"{share:.2f}", place, xycoords=ax.get_yaxis_transform(), ha="right", va="center")
        _chance(ax, mine)
        ax.set_xlim(0, 1.08 * max(1, mine["importance"].max(), mine["chance_high"].max(skipna=True)))
        ax.set_xlabel("share")
        ax.set_title(_importance_title(objective, mine))
        ax.grid(axis="y", visible=False)
    axes[0].invert_yaxis()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    figure.suptitle("Importance of the parameters (PED-ANOVA: what tells the better half of the trials apart)")
    return figure


def _chance(ax: Axes, data: pd.DataFrame) -> None:
    """What each parameter has where values are shuffled over the trials; an early search does not say it."""
    known = data.dropna(subset=["chance"])
    if len(known):
        over = known["chance_high"] - known["chance"]
        words = "values shuffled over the trials: median, and what 95 % stay below"
        error: dict[str, Any] = {"fmt": "D", "color": BASE, "markersize": 4, "capsize": 4, "linewidth": 1.2}
        ax.errorbar(known["chance"], known["parameter"].map(label), xerr=[0 * over, over], label=words, **error)


def _importance_title(objective: str, data: pd.DataFrame) -> str:
    objective = label(objective)
    if data.empty:
        return f"{objective}: too few trials"
    step, trials = data["step"].iloc[0], int(data["trials"].iloc[0])
    when = "" if pd.isna(step) else f" after {int(step)} epoch{'s' if step > 1 else ''} of the last stage"
    return f"{objective}{when} (n = {trials} trials)"


@drawing
def parallel(results: SearchResults, objective: str) -> Figure:
    """Every trial as a line through its parameters to its value; the better, the lighter and the further in front."""
    shown, step = results.shown(objective)
    data = shown[~shown["late"]].sort_values("value")
    if len(data) < 2:
        raise NothingToDraw("Fewer than two trials have values to compare: no parallel coordinates.")
    axes = [ParameterAxis(parameter, shown[parameter["name"]]) for parameter in results.space]
    values = data["value"].to_numpy(dtype=float)
    scale = Normalize(values.min(), values.max() if np.ptp(values) else values.min() + 1)
    columns = np.stack([*(axis.unit(data[axis.name]) for axis in axes), scale(values)], axis=1)
    figure, (ax,) = panels(1, 1, 4.2, width=max(WIDTH, 1.3 * (len(axes) + 2)))
    for line, value in zip(columns, values, strict=True):
        ax.plot(line, color=COLOURS(scale(value)), linewidth=1.0 + 2.0 * float(scale(value)), alpha=0.85)
    _parallel_defaults(ax, results, shown, axes, scale)
    for place, axis in enumerate(axes):
        _stroke(ax, place, axis.ticks())
    _stroke(ax, len(axes), [(0.0, f"{values.min():.4g}"), (1.0, f"{values.max():.4g}")])
    ax.set_xticks(range(len(axes) + 1), [*(label(axis.name, 18) for axis in axes), label(objective, 18)])
    ax.set_yticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    title = value_title(results.metric(objective), step)
    figure.colorbar(ScalarMappable(scale, COLOURS), ax=ax, label=title)
    figure.suptitle(wrapped(f"Parallel coordinates: {title} (n = {len(data)} trials)", figure))
    return figure


def _parallel_defaults(
    ax: Axes, results: SearchResults, shown: pd.DataFrame, axes: list[ParameterAxis], scale: Normalize
) -> None:
    """Black lines for the defaults; without a value after as many epochs as the others they end at the parameters."""
    places = np.stack([axis.unit(shown[axis.name]) for axis in axes], axis=1)
    found = list(defaults(results, shown))
    for marker, words, chosen in found:
        late, value = bool(shown.loc[chosen, "late"].any()), shown.loc[chosen, "value"].iloc[0]
        line = [*places[chosen][0], *([] if late else [float(scale(value))])]
        words = f"{words}: {value:.4g}" if late else words
        ax.plot(line, marker=marker, color=BASE, linestyle="--", linewidth=1.5, zorder=4, label=words)
    if found:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2, frameon=False)


def _stroke(ax: Axes, place: float, ticks: list[tuple[float, str]]) -> None:
    """One upright axis with its marks."""
    ax.axvline(place, color="#444444", linewidth=1, zorder=3)
    for height, text in ticks:
        box = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1}
        ax.text(place + 0.03, height, label(text, 14), fontsize=8, va="center", bbox=box, zorder=4)


@drawing
def pareto(results: SearchResults) -> Figure:
    """Every pair of objectives: finished trials, and those that no other beats in all objectives."""
    if results.finished.empty:
        raise NothingToDraw("No trial has finished: no front.")
    pairs = list(combinations(results.objectives, 2))
    figure, axes = panels(1, len(pairs), 4.4, width=max(WIDTH, 4.6 * len(pairs)))
    for ax, (one, other) in zip(axes, pairs, strict=True):
        _pareto_panel(ax, results, one, other)
    axes[0].legend(frameon=True)
    figure.suptitle(f"Pareto front: {len(results.front)} of n = {len(results.finished)} finished trials")
    return figure


def _pareto_panel(ax: Axes, results: SearchResults, one: str, other: str) -> None:
    finished, front = results.finished, results.front.sort_values(one)
    ax.plot(finished[one], finished[other], "o", color=GREY, label="finished")
    joined = "-" if len(results.objectives) == 2 else "none"
    ax.plot(front[one], front[other], "o", linestyle=joined, color=BLUE, linewidth=1.2, label="front")
    for line in front.to_dict("records"):
        ax.annotate(f"{line['trial']}", (line[one], line[other]), (4, 4), textcoords="offset points", fontsize=8)
    mark_defaults(ax, results, finished, finished[one], finished[other])
    ax.set_xlabel(value_title(results.metric(one), None))
    ax.set_ylabel(value_title(results.metric(other), None))
    ax.margins(0.08)


def _counts(results: SearchResults) -> str:
    """`n = 12 trials: 5 finished, 7 stopped early`."""
    states = results.trials["state"].value_counts()
    words = {FINISHED: "finished", STOPPED: "stopped early", "failed": "failed", "running": "not finished"}
    parts = [f"{states[state]} {word}" for state, word in words.items() if state in states]
    begun = int(sum(states[state] for state in words if state in states))
    return f"n = {begun} trials: {', '.join(parts)}"
