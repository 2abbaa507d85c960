"""The folder that is viewed, and what was read of it, kept as long as it is true."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from assay.config.errors import UserError
from assay.view.folder.found import Found, found
from assay.view.folder.remembered import Remembered, stamp_of
from assay.view.folder.summary import Summary, live, summary_of
from assay.view.folder.writers import is_written, locked_files

__all__ = ["Absent", "Viewed"]

T = TypeVar("T")
_RECORDS = ("run.json", "search.json", "trials.csv", "values.csv")
_LOOK_S = 1.0  # the folder is not walked through more often


class Absent(UserError):
    """What is asked for is not there."""


class Viewed:
    """A folder with runs and stores.

    Args:
        root: nothing outside of it is read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._found = Remembered(1)
        self._lines = Remembered(20_000)  # a few hundred bytes each
        self._made = Remembered(32)  # tables and figures of runs that are looked at

    def found(self) -> Found:
        """What is there now, a second late at the most."""
        return self._found.get("", int(time.monotonic() / _LOOK_S), lambda: found(self.root))

    def run(self, name: str) -> Path:
        """The folder of a run by its name.

        Raises:
            Absent: there is none of that name.
        """
        return _named("run", name, self.found().runs)

    def store(self, name: str) -> Path:
        """The folder of a store by its name; errors as of `run`."""
        return _named("store", name, self.found().stores)

    def summary(self, name: str) -> Summary:
        """A run in one line."""
        return self._summary(name, self.run(name), locked_files())

    def summaries(self) -> list[Summary]:
        """All runs, those that go on first, then by their last change."""
        locked = locked_files()
        lines = [self._summary(name, folder, locked) for name, folder in self.found().runs.items()]
        return sorted(lines, key=lambda line: (line.state != "running", -line.changed, line.name))

    def made(self, what: str, name: str, make: Callable[[Path], T]) -> T:
        """Something that is made of a run's files, once for as long as they are the same.

        Args:
            what: tells it from other things.
            name: of the run.
            make: of the run's folder.
        """
        folder = self.run(name)
        return self._made.get((what, name), stamp_of(folder), lambda: make(folder))

    def _summary(self, name: str, folder: Path, locked: frozenset[int]) -> Summary:
        line = self._lines.get(name, stamp_of(folder, _RECORDS), lambda: summary_of(name, folder))
        return live(line, writing=is_written(folder, line.changed, locked))


def _named(kind: str, name: str, known: Mapping[str, Path]) -> Path:
    if name not in known:
        raise Absent(f"there is no {kind} {name[:200]!r} here")
    return known[name]
