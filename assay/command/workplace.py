"""Where a command puts what it makes, and what is said when it fails there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.command.process import Ended
from assay.stage import Diverged
from assay.store.scratch import node_folder

__all__ = ["CommandFailed", "failed", "workplace"]

_MOST_LOG = 2**17  # of what it printed, in an error


class CommandFailed(RuntimeError):
    """A command did not do what it should; the message is what it printed, for the trial's file of errors."""


@contextmanager
def workplace() -> Iterator[tuple[Path, Path]]:
    """An empty folder for the output, and the place of one for what is handed to the command; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="assay-", dir=node_folder(), ignore_cleanup_errors=True) as place:
        output = Path(place, "output")
        output.mkdir()
        yield output, Path(place, "resume")


def failed(problem: str, ended: Ended) -> Diverged:
    """What tables show, with what was printed behind it."""
    error = Diverged(f"{problem} (all that it printed: errors/ in the run's folder)")
    error.__cause__ = CommandFailed("it printed:\n" + ended.log[-_MOST_LOG:].decode("utf-8", "replace"))
    return error
