"""How a parameter of a search is drawn: its scale, its ticks, and the places of its values."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from assay.evidence.figures.drawing import label

__all__ = ["ParameterAxis"]


class ParameterAxis:
    """One parameter's values as numbers on an axis.

    Args:
        parameter: its entry in search.json.
        values: those that were tried; some may lie outside the range.
    """

    def __init__(self, parameter: Mapping[str, Any], values: pd.Series) -> None:
        self.name = str(parameter["name"])
        self.choices = [_text(choice) for choice in parameter["choices"]]
        self.log = parameter["scale"] in ("log", "intlog")
        self.paper = parameter["paper"]
        known = {_text(value) for value in values.dropna()}
        self.choices += sorted(known - set(self.choices)) if self.choices else []
        if self.choices:
            self.low, self.high = -0.5, len(self.choices) - 0.5
        else:
            numbers = [float(value) for value in values.dropna()]
            self.low, self.high = min([parameter["low"], *numbers]), max([parameter["high"], *numbers])

    def places(self, values: pd.Series) -> NDArray[np.float64]:
        """Numbers to draw at: the values themselves, or the number of the choice."""
        if not self.choices:
            return pd.to_numeric(values).to_numpy(dtype=float)
        return np.array([self.choices.index(_text(value)) for value in values], dtype=float)

    def spread(self, values: pd.Series) -> NDArray[np.float64]:
        """Places with those of a choice side by side, for they would lie on one another; the same every time."""
        aside = np.random.default_rng(zlib.crc32(self.name.encode())).uniform(-0.18, 0.18, len(values))
        return self.places(values) + (aside if self.choices else 0.0)

    def unit(self, values: pd.Series) -> NDArray[np.float64]:
        """Places in [0, 1] on the parameter's own scale."""
        places, low, high = self.places(values), self.low, self.high
        if self.log:
            places, low, high = np.log(places), np.log(low), np.log(high)
        return np.asarray((places - low) / (high - low))

    def ticks(self) -> list[tuple[float, str]]:
        """Place in [0, 1] and text of a few marks, for an axis that is drawn by hand."""
        if self.choices:
            return [((index + 0.5) / len(self.choices), choice) for index, choice in enumerate(self.choices)]
        middle = np.sqrt(self.low * self.high) if self.log else (self.low + self.high) / 2
        return [(place, f"{value:.3g}") for place, value in ((0.0, self.low), (0.5, middle), (1.0, self.high))]

    def dress(self, ax: Axes, which: str) -> None:
        """Scale, limits, ticks and label of the `x` or `y` axis."""
        axis, set_scale = (ax.xaxis, ax.set_xscale) if which == "x" else (ax.yaxis, ax.set_yscale)
        set_limits = ax.set_xlim if which == "x" else ax.set_ylim
        if self.choices:
            axis.set_ticks(range(len(self.choices)), [label(choice) for choice in self.choices])
            set_limits(self.low, self.high)
        elif self.log:
            set_scale("log")
            decades = np.log10(self.high / self.low)
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if decades < 2.5 else (1.0,)))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(NullFormatter())
            margin = (self.high / self.low) ** 0.04
            set_limits(self.low / margin, self.high * margin)
        else:
            margin = 0.04 * (self.high - self.low)
            set_limits(self.low - margin, self.high + margin)
        axis.set_label_text(label(self.name))

    def paper_place(self) -> float | None:
        """Where the paper's value is; None if it is none of the choices."""
        if not self.choices:
            return float(self.paper)
        return float(self.choices.index(_text(self.paper))) if _text(self.paper) in self.choices else None


def _text(value: Any) -> str:
    """The same text for a choice in search.json and in trials.csv."""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    return f"{float(value):g}" if isinstance(value, int | float | np.number) else str(value).lower()
