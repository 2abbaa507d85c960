"""How far a command has come with a list of things: a bar on stderr, if that is a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["Work", "about", "each"]

T = TypeVar("T")

_MINUTE_S = 60
_TRUSTED = 0.05  # share of the work after which the guess counts no more


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


class Work:
    """How far some work has come, with the time that is left: a bar on stderr, if that is a terminal.

    Args:
        done: what has happened to what is counted ("fused").
        total: how much work there is, in a unit of its own.
        guess_s: how long all of it takes, as far as that is known before it begins.
        shown: show it.
    """

    def __init__(self, done: str, total: float, guess_s: float, *, shown: bool = True) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        console = Console(stderr=True)
        columns = (TextColumn(done), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[left]}"))
        disable = not (shown and console.is_terminal)
        self._bar = Progress(*columns, console=console, transient=True, disable=disable)
        self._total, self._guess_s, self._done, self._began = total, guess_s, 0.0, time.monotonic()
        self._task = self._bar.add_task(done, total=total, left=about(guess_s))

    def __enter__(self) -> Work:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def moved(self, amount: float) -> None:
        """So much more is done."""
        self._done += amount
        self._bar.update(self._task, advance=amount, left=about(self.left_s))

    @property
    def left_s(self) -> float:
        """Seconds: by the guess at first, then by what has been done."""
        share = self._done / self._total if self._total else 1.0
        passed = time.monotonic() - self._began
        measured = passed * (1 - share) / share if share else 0.0
        trust = min(share / _TRUSTED, 1.0)
        return trust * measured + (1 - trust) * max(self._guess_s * (1 - share), 0.0)


def about(seconds: float) -> str:
    """`about 3 min`."""
    if seconds < _MINUTE_S:
        return f"about {max(round(seconds), 1)} s"
    if seconds < 100 * _MINUTE_S:
        return f"about {round(seconds / _MINUTE_S)} min"
    return f"about {seconds / 60 / _MINUTE_S:.1f} h"
