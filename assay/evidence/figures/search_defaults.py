"""The trials that a search begins with, marked in each of its figures: whatever else is shown is held against them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from assay.evidence.figures.drawing import BASE
from assay.evidence.search_results import DEFAULTS, OWN, SearchResults

__all__ = ["defaults", "mark_defaults", "mark_style"]

_MARKERS = {DEFAULTS: "D", OWN: "s"}


def defaults(results: SearchResults, trials: pd.DataFrame) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """For each role that is among the trials: marker, words for a legend, which trials have it.

    Args:
        results: of the search.
        trials: some of its trials; with a column `late`, see `SearchResults.shown`, the words say where it holds.
    """
    outside = set(results.trials.loc[results.outside != "", "trial"])
    for role, marker in _MARKERS.items():
        words = results.roles[role].removeprefix("the ")
        chosen = (trials["role"] == role).to_numpy(dtype=bool)
        if not chosen.any():
            continue
        if outside & set(trials.loc[chosen, "trial"]):
            words += ", outside the ranges"
        if "late" in trials and trials.loc[chosen, "late"].any():
            words += ", at the end"
        yield marker, words, chosen


def mark_defaults(ax: Axes, results: SearchResults, trials: pd.DataFrame, x: Any, y: Any) -> None:
    """Mark them at their places, which are those of all the given trials."""
    for marker, words, chosen in defaults(results, trials):
        ax.plot(np.asarray(x)[chosen], np.asarray(y)[chosen], marker, label=words, zorder=5, **mark_style())


def mark_style() -> dict[str, Any]:
    """Hollow, so that what is marked is seen."""
    return {"linestyle": "none", "markersize": 9, "markerfacecolor": "none", "markeredgecolor": BASE}
