"""A table as lines for the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from assay.evidence.tables.cells import counted_label, floor_label, floor_value, published_value, sign, value
from assay.evidence.tables.table import Table

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["terminal"]

TITLE_WIDTH, METRIC_WIDTH = 30, 17  # columns of the terminal
_STYLES = {"best": "bold red", "second": "bold blue", "": ""}


def terminal(table: Table, width: int = 100) -> RenderableType:
    """What rich prints: the paper's number under ours, as many metrics side by side as fit into `width` columns."""
    from rich.console import Group
    from rich.text import Text

    abreast = max(1, (width - TITLE_WIDTH) // METRIC_WIDTH)
    starts = range(0, len(table.columns), abreast)
    parts: list[Any] = [_part(table, table.columns[start : start + abreast]) for start in starts]
    return Group(*parts, *(Text(f"· {note}", style="dim") for note in table.notes))


def _part(table: Table, metrics: Sequence[str]) -> RenderableType:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    title = Text(table.title, style="italic") if metrics[0] == table.columns[0] else None
    drawn = RichTable(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    drawn.add_column("", max_width=TITLE_WIDTH, overflow="fold")
    headings = dict(zip(table.columns, table.headings, strict=True))
    for metric in metrics:
        drawn.add_column(Text(headings[metric]), justify="right", no_wrap=True)
    digits = {metric: _digits(table, metric) for metric in metrics}
    for name in table.rows(baseline=False):
        drawn.add_row(Text(counted_label(table, name)), *(_cell(table.cell(name, m), digits[m]) for m in metrics))
    floors = (Text(f"{floor_value(table, metric, digits[metric])}  ") for metric in metrics)
    drawn.add_row(Text(floor_label(table), style="italic"), *floors, end_section=True)
    for name in table.rows(baseline=True):
        drawn.add_row(Text(counted_label(table, name)), *(_cell(table.cell(name, m), digits[m]) for m in metrics))
    return drawn


def _digits(table: Table, metric: str) -> int:
    """Fewer for metrics of tens, so that a line of the terminal holds four of them."""
    shown = table.data.loc[table.data["metric"] == metric, ["mean", "published"]]
    return min(table.decimals(metric), 2 if shown.abs().max().max() >= 20 else 3)


def _cell(cell: pd.Series, digits: int) -> Any:
    """The sign has a column of its own, so that numbers stand below each other."""
    from rich.text import Text

    text = Text(value(cell, digits), style=_STYLES[cell["mark"]] if math.isfinite(cell["mean"]) else "dim")
    text.append(f" {sign(cell) or ' '}", style="not bold default")
    published = published_value(cell, digits)
    if published:
        text.append(f"\npaper {published}  ", style="not bold dim default")
    return text
