"""What is drawn anew in place while its context lasts, and said in lines where nothing can be."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from assay.config.errors import one_line
from assay.console.amounts import duration
from assay.console.cell import Cell
from assay.console.row_lines import cut

__all__ = ["Redrawn", "said", "stderr_console"]

Log = Callable[[str], None]  # keeps a line
_TIME = len("00:00:00 ")


def stderr_console(*, quiet: bool = False) -> Console:
    """A console on stderr, so that stdout holds the table alone.

    Nothing is redrawn where stderr is no terminal or a dumb one, although `FORCE_COLOR` may ask for colours there.
    """
    return Console(stderr=True, quiet=quiet, force_interactive=None if sys.stderr.isatty() else False)


def said(console: Console, text: str) -> None:
    """Print a line with its time; a long one is left to the terminal to break, so that a path in it stays whole."""
    console.print(f"{time.strftime('%H:%M:%S')} {text}", highlight=False, markup=False, soft_wrap=True)


def unlogged(line: str) -> None:
    """Keep nothing."""


class Redrawn:
    """Something that is drawn anew in place while its context lasts, in a terminal or under the cell of a notebook.

    To be initialised last: what `_table` reads must be there.

    Args:
        console: where to draw; stderr by default.
        log: keeps what is said; it is also told what is drawn and not said.
    """

    def __init__(self, console: Console | None, log: Log = unlogged) -> None:
        self.console, self._log = console or stderr_console(), log
        self._doing, self._since = "", 0.0
        self._live = Live(console=self.console, refresh_per_second=4, get_renderable=self._drawn, transient=True)
        self._cell = Cell(self._drawn) if self.console.is_jupyter and not self.console.quiet else None

    @property
    def redrawn(self) -> bool:
        """Whether there is a place where it can be; if not, whoever wants to know is told in lines."""
        return self.console.is_interactive or self._cell is not None

    @property
    def room(self) -> int:
        """Lines of the terminal for rows of the table: without its head, the lines below it, and one for rows left out.

        The terminal's last line stays empty: a terminal that is filled to it scrolls.
        """
        return max(self.console.height - 6, 1)

    def __enter__(self) -> Self:
        if self.console.is_interactive:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._doing = ""
        if self.console.is_interactive:
            self._live.stop()
        if self._cell:
            self._cell.draw()

    def say(self, text: str) -> None:
        """A line that stays, above what is redrawn; a notebook's cell shows what goes on and nothing else."""
        self._log(text)
        if not self._cell:
            said(self.console, text)

    def news(self, line: str, file: Path | None = None, *, stays: bool = False) -> None:
        """A line of what happened; where it is redrawn it is seen there, unless it has to stay to be read.

        Args:
            line: of any origin; in a terminal it is cut to its width.
            file: where more of it is.
            stays: above what is redrawn.
        """
        line, where = one_line(line), f"traceback: {file}"
        self._log(f"{line}; {where}" if file else line)
        if not self.redrawn:
            said(self.console, f"{line}; {where}" if file else line)
        elif stays and not self._cell:
            said(self.console, cut(Text(line), self.console.width - _TIME).plain)
            if file:
                said(self.console, where)

    def doing(self, text: str) -> None:
        """What is being done from now on, until something else is or a trial reports: so that nobody wonders."""
        if text == self._doing:
            return
        self._doing, self._since = text, time.monotonic()
        if text:
            self._log(text)
        self._moved()
        if text and not self.redrawn:
            said(self.console, text)

    def _moved(self) -> None:
        """To be called when there is something new: a notebook's cell draws then, a terminal by itself."""
        if self._cell:
            self._cell.draw_soon()

    def _drawn(self) -> RenderableType:
        """The table, and below it what is being done."""
        if not self._doing:
            return self._table()
        waiting = Text(f"{self._doing} ... {duration(time.monotonic() - self._since)}", style="dim")
        return Group(self._table(), cut(waiting, self.console.width))

    def _table(self) -> RenderableType:
        """What is to be seen now."""
        raise NotImplementedError
