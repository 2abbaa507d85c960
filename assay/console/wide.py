"""Tables where nobody looks at a terminal: as wide as their content, so that no word is broken."""

from __future__ import annotations

from rich.console import Console, RenderableType

__all__ = ["print_table"]

_WIDEST = 2000


def print_table(table: RenderableType) -> None:
    """Print a table, folded into a terminal, and whole into a pipe or a file."""
    console = Console()
    if not console.is_terminal:
        console.width = _WIDEST
        console.width = max(console.measure(table).maximum, 1)
    console.print(table)
