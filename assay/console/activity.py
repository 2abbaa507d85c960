"""What a command does before and after its trials, said while it does it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

__all__ = ["doing"]

_PATIENCE_S = 2.0  # of who reads lines: what is over before needs none


@contextlib.contextmanager
def doing(text: str, *, shown: bool = True, lines: bool = True) -> Iterator[None]:
    """Within, something takes its time: told on stderr, in a terminal at once, by a line that goes away.

    Args:
        text: what ("reading data").
        shown: tell it at all.
        lines: also where there is no terminal, by a line that stays, if it takes longer than a moment.
    """
    from assay.console.redrawn import said, stderr_console

    console = stderr_console(quiet=not shown)
    if console.is_jupyter:  # a cell shows trials, and what comes of them
        yield
    elif console.is_interactive:
        with console.status(f"{text} ..."):
            yield
    else:
        teller = threading.Timer(_PATIENCE_S, said, (console, text))
        teller.daemon = True
        if lines:
            teller.start()
        try:
            yield
        finally:
            teller.cancel()
