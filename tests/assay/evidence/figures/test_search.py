"""Figures of a search show the trials that they speak of, and say so where there is nothing to show."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from assay.evidence.figures.drawing import WIDTH, missing
from assay.evidence.figures.search import (
    curves,
    history,
    importance,
    parallel,
    pareto,
    search_figures,
    write_search_figures,
)
from assay.evidence.figures.search_axes import ParameterAxis
from assay.evidence.figures.search_slices import contours, slices, value_title
from assay.evidence.search_results import SearchResults
from assay.metric import Metric

CHANCE = ("chance", "chance_high", "p")
SPACE: list[dict[str, Any]] = [
    {"name": "alpha3", "scale": "log", "low": 1.0, "high": 100.0, "choices": [], "paper": 8.0},
    {"name": "gamma", "scale": "linear", "low": 0.0, "high": 1.0, "choices": [], "paper": 0.5},
    {"name": "branch", "scale": "choice", "low": None, "high": None, "choices": ["conv", "none"], "paper": "none"},
]


def _results(
    count: int = 14, objectives: tuple[str, ...] = ("VIF",), space: int = 3, stopped: int = 0
) -> SearchResults:
    rng = np.random.default_rng(1)
    trials = pd.DataFrame(
        {
            "trial": range(count),
            "role": ["defaults", *[""] * (count - 1)][:count],
            "state": ["finished"] * (count - stopped) + ["stopped"] * stopped,
            "alpha3": rng.uniform(1, 100, count),
            "gamma": rng.uniform(0, 1, count),
            "branch": rng.choice(["conv", "none"], count),
            "reason": "",
        }
    )
    for objective in objectives:
        trials[objective] = np.where(trials["state"] == "finished", rng.normal(0.7, 0.1, count), np.nan)
    values = pd.DataFrame(list(itertools.product(range(count), (2, 9))), columns=["trial", "step"])
    values["value"] = rng.normal(0.6, 0.1, len(values))
    values = (
        values[(values["step"] == 2) | (values["trial"] < count - stopped)] if len(objectives) == 1 else values.head(0)
    )
    shares = [
        (o, p["name"], share, 0.3, 0.6, 0.04, None, count)
        for o in objectives
        for p, share in zip(SPACE, (0.5, 0.3, 0.2), strict=True)
    ]
    table = pd.DataFrame(shares, columns=["objective", "parameter", "importance", *CHANCE, "step", "trials"])
    record = {"objectives": list(objectives), "space": SPACE[:space], "seeds": [1], "validation_pairs": 8}
    return SearchResults(record, trials, values, table)


def _title(figure: Figure) -> str:
    return figure.get_suptitle().replace("\n", " ")


def test_history_shows_every_finished_trial_and_the_best_so_far() -> None:
    results = _results(stopped=4)
    (ax,) = history(results).axes
    lines = {line.get_label(): line for line in ax.lines}
    assert list(lines["finished"].get_xdata()) == list(range(10))
    best = np.asarray(lines["best so far"].get_ydata())
    assert np.allclose(best, np.maximum.accumulate(results.finished["VIF"]))
    assert len(np.asarray(lines["stopped early, last value or worse"].get_xdata())) == 4
    assert _title(history(results)) == "Search history (n = 14 trials: 10 finished, 4 stopped early)"


def test_curves_end_where_a_trial_was_stopped() -> None:
    results = _results(stopped=4)
    (ax,) = curves(results).axes
    ends = sorted(np.asarray(line.get_xdata())[-1] for line in ax.lines if line.get_marker() == "o")
    assert ends == [2] * 4 + [9] * 10


def test_importance_has_a_bar_for_each_parameter_and_objective() -> None:
    figure = importance(_results(objectives=("VIF", "SSIM")))
    assert [[round(bar.get_width(), 2) for bar in ax.patches] for ax in figure.axes] == [[0.5, 0.3, 0.2]] * 2
    assert "n = 14 trials" in figure.axes[0].get_title()


def test_importance_stands_beside_what_shuffled_values_give() -> None:
    results = _results()
    (ax,) = importance(results).axes
    (marks,) = ax.containers[1:]
    assert np.allclose(marks.lines[0].get_xdata(), 0.3)
    assert [np.ptp(segment[:, 0]) for segment in marks.lines[2][0].get_segments()] == pytest.approx([0.3] * 3)
    early = results.importance.assign(chance=np.nan, chance_high=np.nan, p=np.nan)
    (ax,) = importance(replace(results, importance=early)).axes
    assert len(ax.containers) == 1


@pytest.mark.parametrize("space", [1, 2, 3])
def test_no_figure_is_narrower_than_the_page_which_would_blow_up_its_type(space: int) -> None:
    for objectives in (("VIF",), ("VIF", "SSIM")):
        figures = [figure for _, figure in search_figures(_results(objectives=objectives, space=space))]
        assert min(figure.get_figwidth() for figure in figures if not missing(figure)) == WIDTH


def test_slices_have_a_panel_for_each_parameter_on_its_own_scale() -> None:
    figure = slices(_results(), "VIF")
    assert [ax.get_xlabel() for ax in figure.axes] == ["alpha3", "gamma", "branch"]
    assert [ax.get_xscale() for ax in figure.axes] == ["log", "linear", "linear"]
    assert [tick.get_text() for tick in figure.axes[2].get_xticklabels()] == ["conv", "none"]


def test_contours_have_a_panel_for_each_pair() -> None:
    (figure,) = contours(_results(), "VIF")
    labels = [(ax.get_xlabel(), ax.get_ylabel()) for ax in figure.axes if ax.get_xlabel()]
    assert labels == [("alpha3", "gamma"), ("alpha3", "branch"), ("gamma", "branch")]
    heights = figure.axes[0].collections
    assert any(type(each).__name__ == "TriContourSet" for each in heights)


def test_trials_on_a_line_have_no_heights_between_them() -> None:
    results = _results()
    results.trials["gamma"] = 0.5
    (figure,) = contours(results, "VIF")
    assert not any(type(each).__name__ == "TriContourSet" for each in figure.axes[0].collections)


def test_many_pairs_go_on_on_further_pages() -> None:
    results = _results()
    space = [{**SPACE[1], "name": f"p{index}"} for index in range(6)]
    trials = results.trials.assign(**{entry["name"]: results.trials["gamma"] for entry in space})
    wide = SearchResults({**results.record, "space": space}, trials, results.values, results.importance)
    pages = list(contours(wide, "VIF"))
    assert len(pages) == 2  # 15 pairs, nine a page
    assert "page 2 of 2" in _title(pages[1])


def test_parallel_coordinates_have_a_line_for_each_trial() -> None:
    figure = parallel(_results(), "VIF")
    lines = [line for line in figure.axes[0].lines if len(np.asarray(line.get_xdata())) == 4]
    assert len(lines) == 14 + 1  # the paper's once more, marked
    assert all(0 <= np.min(line.get_ydata()) <= np.max(line.get_ydata()) <= 1 for line in lines)


def _points(ax: Any, words: str) -> list[tuple[float, float]]:
    (line,) = [line for line in ax.lines if line.get_label() == words]
    return list(zip(np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float), strict=True))


@pytest.fixture
def stored() -> SearchResults:
    """Eight trials; the first two, the defaults, were in the store, so that nobody validated them on their way."""
    results = _results(count=8, stopped=3)
    trials = results.trials.assign(role=["defaults", "own", *[""] * 6])
    return SearchResults(results.record, trials, results.values[results.values["trial"] > 1], results.importance)


def test_defaults_that_were_in_the_store_are_in_every_figure(stored: SearchResults) -> None:
    """Most trials have a value after two epochs; the defaults only have that of the end."""
    assert stored.comparable("VIF")[1] == 2
    paper, own = stored.trials.iloc[0], stored.trials.iloc[1]
    (ax,) = history(stored).axes
    assert _points(ax, "paper's defaults") == [(0, paper["VIF"])]
    assert _points(ax, "preset's own values") == [(1, own["VIF"])]
    (ax,) = curves(stored).axes
    assert _points(ax, "paper's defaults") == [(9, paper["VIF"])]
    first, *_ = slices(stored, "VIF").axes
    assert _points(first, "paper's defaults, at the end") == [(paper["alpha3"], paper["VIF"])]
    assert len(_points(first, "finished, value at the end")) == 2
    (page,) = contours(stored, "VIF")
    assert _points(page.axes[0], "preset's own values, at the end") == [(own["alpha3"], own["gamma"])]
    (legend,) = page.legends
    assert "paper's defaults, at the end" in [text.get_text() for text in legend.get_texts()]
    line = _points(parallel(stored, "VIF").axes[0], f"paper's defaults, at the end: {paper['VIF']:.4g}")
    assert len(line) == 3  # parameters, and no value that could be compared


def test_a_default_outside_its_range_is_marked_as_that_and_is_not_the_best_so_far() -> None:
    results = _results(count=4, objectives=("VIF", "SSIM"))
    results.trials.loc[0, ["alpha3", "VIF", "SSIM"]] = [200.0, 9.0, 9.0]
    (ax,) = pareto(results).axes
    assert _points(ax, "paper's defaults, outside the ranges") == [(9.0, 9.0)]
    first, _ = history(results).axes
    assert max(value for _, value in _points(first, "best so far")) < 9


def test_what_failed_is_no_trial_that_was_stopped() -> None:
    results = _results(count=6, stopped=2)
    results.trials.loc[5, "state"] = "failed"
    assert set(results.comparable("VIF")[0]["trial"]) == {0, 1, 2, 3, 4}
    (ax,) = curves(results).axes
    assert {line.get_label() for line in ax.lines} >= {"stopped early", "failed"}


def test_the_front_is_marked() -> None:
    results = _results(objectives=("VIF", "SSIM"))
    (ax,) = pareto(results).axes
    front = {line.get_label(): line for line in ax.lines}["front"]
    assert len(np.asarray(front.get_xdata())) == len(results.front)
    assert sorted(text.get_text() for text in ax.texts) == sorted(map(str, results.front["trial"]))


def test_three_objectives_have_a_panel_for_each_pair_of_them() -> None:
    assert len(pareto(_results(objectives=("VIF", "SSIM", "EN"))).axes) == 3


@pytest.mark.parametrize("objectives", [("VIF",), ("VIF", "SSIM")])
def test_all_figures_are_written_as_png_and_pdf(tmp_path: Path, objectives: tuple[str, ...]) -> None:
    paths = write_search_figures(_results(objectives=objectives, space=2), tmp_path)
    names = {path.stem.removeprefix("search-") for path in paths}
    assert names >= {"history", "importance", "slice", "contour", "parallel"}
    assert ("pareto" if len(objectives) > 1 else "curves") in names
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
    assert all(path.with_suffix(".pdf").read_bytes().startswith(b"%PDF") for path in paths)


@pytest.mark.parametrize("count", [0, 1])
def test_with_nothing_to_show_every_figure_says_so_or_shows_the_one(count: int) -> None:
    results = _results(count=count, space=1)
    results = SearchResults(results.record, results.trials, results.values, results.importance.head(0))
    texts = {name: missing(figure) for name, figure in search_figures(results)}
    assert "no importance" in texts["importance"]
    assert "no contours" in texts["contour"]
    assert "no parallel" in texts["parallel"]
    assert bool(texts["history"]) == (count == 0)


def test_a_parameters_places() -> None:
    log = ParameterAxis(SPACE[0], pd.Series([1.0, 10.0, 100.0]))
    assert log.unit(pd.Series([1.0, 10.0, 100.0])) == pytest.approx([0, 0.5, 1])
    assert log.ticks() == [(0.0, "1"), (0.5, "10"), (1.0, "100")]
    flag = ParameterAxis(
        {**SPACE[2], "name": "swap", "choices": [False, True], "paper": False}, pd.Series([True, False])
    )
    assert list(flag.places(pd.Series([True, False]))) == [1, 0]
    assert list(flag.places(pd.Series(["False", "True"]))) == [0, 1]  # a column with gaps is read as text
    assert flag.paper_place() == 0


def test_a_value_outside_its_range_widens_the_axis() -> None:
    axis = ParameterAxis(SPACE[0], pd.Series([0.5, 200.0]))
    assert (axis.low, axis.high) == (0.5, 200.0)


def test_what_the_values_are() -> None:
    assert value_title(Metric("SD", unit="grey levels"), None) == "SD (grey levels)"
    assert value_title(Metric("score"), 2) == "score after 2 epochs of the last stage"
