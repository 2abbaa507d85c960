"""How far a command has come with a list of things: a bar on stderr, if that is a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["each"]

T = TypeVar("T")


def each(items: Iterable[T], done: str, total: int) -> Iterator[T]:
    """The items one after the other, with a bar that moves as they are taken.

    Args:
        items: what the command works on.
        done: what has happened to the items that the bar counts ("measured").
        total: how many there are.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn(done), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(items, total=total)
