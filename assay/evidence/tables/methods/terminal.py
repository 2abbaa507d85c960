"""A table of methods as lines for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assay.evidence.numbers import number
from assay.evidence.tables.methods.table import MethodsTable
from assay.metric import Metric

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["methods_terminal"]

_METHOD_WIDTH, _METRIC_WIDTH = 24, 12  # columns of the terminal
_STYLES = {"best": "bold red", "second": "bold blue", "": ""}


def methods_terminal(table: MethodsTable, width: int = 100) -> RenderableType:
    """What rich prints: as many metrics side by side as fit into `width`, what is in print below each method."""
    from rich.console import Group
    from rich.text import Text

    abreast = max(1, (width - _METHOD_WIDTH) // _METRIC_WIDTH)
    parts: list[Any] = [
        _part(table, group, table.metrics[start : start + abreast], titled=start == 0)
        for group in table.groups
        for start in range(0, len(table.metrics), abreast)
    ]
    return Group(*parts, *(Text(f"· {note}", style="dim") for note in table.notes))


def _part(table: MethodsTable, group: str, metrics: tuple[Metric, ...], *, titled: bool) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    title = Text(table.title(group), style="italic") if titled else None
    drawn = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    drawn.add_column("", max_width=_METHOD_WIDTH, overflow="fold")
    for metric in metrics:
        drawn.add_column(Text(metric.heading), justify="right", no_wrap=True)
    for method in table.methods(group):
        drawn.add_row(Text(method), *(_cell(*table.text(group, method, metric)) for metric in metrics))
        if any(texts := _printed(table, group, method, metrics)):
            drawn.add_row(*(Text(text, style="dim") for text in ("  in print", *texts)))
    return drawn


def _cell(mean: str, mark: str, sign: str) -> Any:
    from rich.text import Text

    return Text(mean, style=_STYLES[mark]).append(f" {sign or ' '}", style="not bold default")


def _printed(table: MethodsTable, group: str, method: str, metrics: tuple[Metric, ...]) -> list[str]:
    """What is in print of some metrics, empty where nothing is; two blanks stand for the sign."""
    if not table.printed or method not in table.printed.rows(group):
        return []
    _, cells = table.printed.row(group, method)
    return [f"{number(cells[m.name][1], m.decimals)}  " if m.name in cells else "" for m in metrics]
