"""Methods over the same samples: differences to one of them, or where the samples of each lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assay.evidence.figures.drawing import NothingToDraw, axis_title, drawing, label, metric_panels, wrapped
from assay.evidence.figures.forest import interval_panel, word_legend
from assay.evidence.figures.save import save_as
from assay.evidence.tables.methods import MethodsTable
from assay.metric import better_words

__all__ = ["FIGURE_KINDS", "methods_figure", "write_methods_figure"]

FIGURE_KINDS = (".png", ".pdf", ".svg")
_ABREAST = 4
_COLOUR = "#0072B2"

Rows = Sequence[tuple[str, str]]


def write_methods_figure(table: MethodsTable, values: pd.DataFrame, path: Path) -> None:
    """Draw and write as the file's suffix says, one of `FIGURE_KINDS`; the same table gives the same bytes."""
    save_as(methods_figure(table, values), path)


@drawing
def methods_figure(table: MethodsTable, values: pd.DataFrame) -> Figure:
    """A panel per metric, a line per method and group: with `against` differences, intervals and words, else boxes.

    Args:
        table: of the methods.
        values: what it was made of: group, method, sample, metric, value.
    """
    against = table.against
    rows = [(group, name) for group in table.groups for name in table.methods(group) if name != against]
    if not rows:
        raise NothingToDraw("There is one method: nothing to hold it against.")
    figure, axes = metric_panels(len(table.metrics), 0.9 + 0.34 * len(rows), 0.6, _ABREAST)
    for ax, metric in zip(axes, table.metrics, strict=True):
        if against:
            _differences(ax, table, metric.name, rows)
        else:
            _boxes(ax, values[values["metric"] == metric.name], rows)
        ax.set_title(axis_title(metric))
    axes[0].set_yticks(range(len(rows)), [label(f"{name}, {group}" if group else name) for group, name in rows])
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    figure.suptitle(wrapped(_title(table), figure))
    if against:
        figure.legend(handles=word_legend(table.data), loc="outside lower center", ncols=5, frameon=False)
    return figure


def _differences(ax: Axes, table: MethodsTable, metric: str, rows: Rows) -> None:
    data = table.data[(table.data["metric"] == metric) & (table.data["method"] != table.against)]
    keys = data["group"] + "\n" + data["method"]
    interval_panel(ax, data.assign(row=keys), {"\n".join(row): place for place, row in enumerate(rows)})


def _boxes(ax: Axes, values: pd.DataFrame, rows: Rows) -> None:
    """Quartiles and range of the samples; the dot is the mean."""
    of = [values.loc[(values["group"] == group) & (values["method"] == name), "value"] for group, name in rows]
    box = {"color": _COLOUR, "linewidth": 1}
    mean = {"marker": "o", "markerfacecolor": _COLOUR, "markeredgecolor": "white", "markersize": 6}
    ax.boxplot(
        of, positions=range(len(rows)), orientation="horizontal", whis=(0, 100), widths=0.5, showmeans=True,
        meanprops=mean, boxprops=box, whiskerprops=box, capprops=box, medianprops=box,
    )  # fmt: skip
    ax.locator_params(axis="x", nbins=4)
    ax.grid(axis="y", visible=False)


def _title(table: MethodsTable) -> str:
    named = ((f"{group}: " if group else "", table.counted(group)) for group in table.groups)
    sizes = "; ".join(f"{group}{count}" for group, count in named)
    if table.against:
        taken = f"95 % intervals; {sizes}; {better_words(table.metrics)}"
        return f"Difference to {label(table.against)} ({taken}){_without_intervals(table)}"
    return f"Box: quartiles of the {table.noun}s, line: all of them, dot: mean ({sizes}; {better_words(table.metrics)})"


def _without_intervals(table: MethodsTable) -> str:
    """Why some differences have neither an interval nor a word, which nothing that is drawn says."""
    data = table.data
    reasons = data.loc[(data["method"] != table.against) & data["low"].isna(), "reason"]
    return "".join(f"; no interval: {reason}" for reason in reasons[reasons != ""].unique())
