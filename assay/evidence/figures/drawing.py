"""What all figures have in common: their looks, their words, and what is drawn where there is nothing to draw."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import ParamSpec

import matplotlib
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assay.config.errors import one_line
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.words import BETTER, DIFFERENT, EQUIVALENT, NOT_RESOLVED, WORSE
from assay.metric import Metric

__all__ = [
    "BASE",
    "VERDICT_STYLES",
    "WIDTH",
    "NothingToDraw",
    "axis_title",
    "count",
    "drawing",
    "intervals",
    "label",
    "missing",
    "panels",
    "sizes",
    "spread",
    "wrapped",
]

P = ParamSpec("P")

BASE = "#000000"
VERDICT_STYLES = {  # Okabe and Ito
    BETTER: ("#0072B2", "^"),
    WORSE: ("#D55E00", "v"),
    DIFFERENT: ("#CC79A7", "D"),
    EQUIVALENT: ("#009E73", "s"),
    NOT_RESOLVED: ("#6E6E6E", "o"),
}
WIDTH = 10.0  # inches
ABREAST = 5  # panels of a line, whose ticks are still told apart
_STYLE = {
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 9,
    "legend.fontsize": 8,
    "figure.titlesize": 12,
    "grid.linewidth": 0.6,
    "axes.edgecolor": "#BBBBBB",
    "axes.unicode_minus": True,
    "text.usetex": False,  # whatever a matplotlibrc says: titles would be programs
}
# Fonts with more scripts than matplotlib's own, for the names of images and rows; the first that is installed counts.
_MORE_SCRIPTS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
    *("Droid Sans Fallback", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "Arial Unicode MS"),
)


class NothingToDraw(ValueError):
    """The data hold nothing that the figure could show; the message says what is missing."""


def drawing(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Give a figure its looks; where there is nothing to draw, a figure that says so (see `missing`)."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        style = sns.axes_style("whitegrid") | sns.plotting_context("notebook") | _STYLE | {"font.family": _families()}
        with matplotlib.rc_context(style):
            try:
                return draw(*args, **kwargs)
            except NothingToDraw as nothing:
                return _sentence(str(nothing))

    return drawn


def _families() -> list[str]:
    installed = set(font_manager.get_font_names())
    return ["sans-serif", *[name for name in _MORE_SCRIPTS if name in installed][:1]]


def missing(figure: Figure) -> str:
    """Why a figure shows nothing; empty if it shows something."""
    return str(figure.get_label())


def panels(
    rows: int, columns: int, height: float, *, width: float = WIDTH, share_y: bool = False
) -> tuple[Figure, list[Axes]]:
    """A figure of equal panels, and these from left to right and from top to bottom; sizes in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False, sharey=share_y).flat)


def metric_panels(number: int, line: float, rest: float, abreast: int = ABREAST) -> tuple[Figure, list[Axes]]:
    """A panel per metric in lines of about equal numbers, with one vertical axis for all.

    Args:
        number: of metrics.
        line: height of a line of panels, inches.
        rest: height of the figure's title and legend, inches.
        abreast: panels of a line at most.
    """
    lines = -(-number // abreast)
    figure, axes = panels(lines, -(-number // lines), lines * line + rest, share_y=True)
    for ax in axes[number:]:
        ax.set_visible(False)
    return figure, axes[:number]


def label(text: object, width: int = 30) -> str:
    """A user's text for a figure: in lines of `width`, at most three, and without meaning to matplotlib.

    To that a pair of dollars is a formula, and what a leading underscore names stands in no legend.
    """
    lines = textwrap.wrap(" ".join(one_line(str(text)).split()), width) or [""]
    lines = lines if len(lines) <= 3 else [*lines[:2], f"{lines[2][: width - 1]}…"]
    shown = "\n".join(lines).replace("$", r"\$")
    return f" {shown}" if shown.startswith("_") else shown


def axis_title(metric: Metric) -> str:
    """The metric, with its unit if it has one."""
    return label(f"{metric.name} ({metric.unit})" if metric.unit else metric.name)


def count(numbers: Iterable[int], what: str) -> str:
    """`3 seeds`, `1 seed`, `2 to 3 seeds`."""
    found: Sequence[int] = sorted(set(numbers)) or [0]
    text = str(found[0]) if len(found) == 1 else f"{found[0]} to {found[-1]}"
    return f"{text} {what}{'' if found[-1] == 1 else 's'}"


def sizes(data: pd.DataFrame, measured: Measurements) -> str:
    """`n = 3 seeds × 24 images`, of lines with n_seeds and n_images."""
    n = f"n = {count(data['n_seeds'], 'seed')}"
    return f"{n} × {count(data['n_images'], measured.record.sample)}" if measured.images else n


def intervals(data: pd.DataFrame, level: float) -> str:
    """`95 % intervals`, or that there are none."""
    return f"{100 * level:g} % intervals" if data["low"].notna().any() else "no intervals with one seed"


def spread(number: int, width: float) -> NDArray[np.float64]:
    """Offsets that keep dots apart, the same every time: multiples of the golden ratio, within `width` around 0."""
    return np.asarray(width * ((np.arange(number) * 0.6180339887498949 + 0.5) % 1 - 0.5), dtype=np.float64)


def wrapped(text: str, figure: Figure) -> str:
    """A title in as many lines as the figure's width asks for."""
    return "\n".join(textwrap.wrap(text, int(10 * figure.get_figwidth())))


def _sentence(text: str) -> Figure:
    figure = Figure(figsize=(6, 0.8))
    figure.set_label(text)
    figure.add_axes((0, 0, 1, 1)).set_axis_off()  # Jupyter shows nothing of a figure without axes
    figure.text(0.02, 0.5, label(text, 90), va="center", color="#555555", fontsize=10)
    return figure
