"""The output of a notebook's cell that is drawn anew in place."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.jupyter import JupyterMixin

__all__ = ["Cell"]

_PAUSE_S = 0.25  # between two drawings


class Cell:
    """One output, which appears when it is first drawn.

    Args:
        look: gives what is to be seen at that moment.
        clock: seconds.
    """

    def __init__(self, look: Callable[[], RenderableType], clock: Callable[[], float] = time.monotonic) -> None:
        self._look, self._clock = look, clock
        self._handle: Any = None
        self._drawn = -_PAUSE_S

    def draw_soon(self) -> None:
        """Draw, unless it was drawn a moment ago."""
        if self._clock() - self._drawn >= _PAUSE_S:
            self.draw()

    def draw(self) -> None:
        """Draw now."""
        from IPython.display import display

        self._drawn = self._clock()
        if self._handle is None:
            self._handle = display(_Drawn(self._look()), display_id=True)
        else:
            self._handle.update(_Drawn(self._look()))


class _Drawn(JupyterMixin):
    """What rich can print, as a notebook wants it."""

    def __init__(self, what: RenderableType) -> None:
        self._what = what

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._what
