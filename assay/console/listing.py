"""Lists of names and what is known of each; what one copies, such as a name or key=value, is whole at any width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

__all__ = ["Cell", "Line", "print_listing"]

Cell = str | tuple[str, ...]  # prose, which may go on in a next line, or what is copied, each of them whole

_WIDEST = 2000
_PROSE = 16  # columns that prose has beside others, at least
_GAP = 2


@dataclass(frozen=True)
class Line:
    """A line of a list.

    Attributes:
        cells: a name first, then what the columns say.
        dim: it is less important than others.
    """

    cells: tuple[Cell, ...]
    dim: bool = False


def print_listing(title: Text, columns: Sequence[str], lines: Sequence[Line]) -> None:
    """Print a list: a table that is as wide as its content into a pipe or a file.

    In a terminal prose is wrapped, and what is copied stands below each other, so that the table fits; where that is
    not enough, the columns stand below each other.

    Args:
        title: stands above.
        columns: their names.
        lines: each with a cell for every column.
    """
    console = Console()
    table = _table(columns, lines, " ")
    widest = console.measure(table, options=console.options.update(width=_WIDEST)).maximum
    if not console.is_terminal:
        console.width = max(widest, title.cell_len, 1)
    console.print(title)
    if widest <= console.width:
        console.print(table)
    elif _least(columns, lines) <= console.width:
        console.print(_table(columns, lines, "\n"))
    else:
        for line in lines:
            _print_below(console, columns, line)


def _table(columns: Sequence[str], lines: Sequence[Line], between: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for name, cells in zip(columns, _columns(lines), strict=True):
        table.add_column(name, no_wrap=_copied(cells), min_width=_width(name, cells), overflow="fold")
    for line in lines:
        texts = (cell if isinstance(cell, str) else between.join(cell) for cell in line.cells)
        table.add_row(*map(Text, texts), style="dim" if line.dim else "")
    return table


def _columns(lines: Sequence[Line]) -> list[tuple[Cell, ...]]:
    return list(zip(*(line.cells for line in lines), strict=True))


def _copied(cells: Sequence[Cell]) -> bool:
    return any(isinstance(cell, tuple) for cell in cells)


def _least(columns: Sequence[str], lines: Sequence[Line]) -> int:
    """The width of a table in which nothing is broken that is copied."""
    widths = [_width(name, cells) for name, cells in zip(columns, _columns(lines), strict=True)]
    return sum(widths) + _GAP * (len(widths) - 1)


def _width(name: str, cells: Sequence[Cell]) -> int:
    items = [item for cell in cells for item in ((cell,) if isinstance(cell, str) else cell)]
    longest = max(map(cell_len, items), default=0)
    return max(longest if _copied(cells) else min(longest, _PROSE), *map(cell_len, name.split()))


def _print_below(console: Console, columns: Sequence[str], line: Line) -> None:
    """A name, and below it what is known of it; what is too long for a line is left to the terminal."""
    name, *others = line.cells
    style = "dim" if line.dim else ""
    console.print(Text("".join(name), style=style or "bold"), soft_wrap=True)
    for column, cell in zip(columns[1:], others, strict=True):
        whole = f"{column}: {cell if isinstance(cell, str) else ' '.join(cell)}"
        if isinstance(cell, str) or cell_len(whole) + _GAP <= console.width:
            console.print(Padding(Text(whole, style=style), (0, 0, 0, _GAP), expand=False))
            continue
        for text in (f"{column}:", *(" " * _GAP + item for item in cell)):
            console.print(Text(" " * _GAP + text, style=style), soft_wrap=True)
