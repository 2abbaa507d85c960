"""What was made of files, kept as long as these are the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar, cast

__all__ = ["Remembered", "stamp_of"]

T = TypeVar("T")
_PARTS = (
    *("run.json", "search.json", "trials.csv", "values.csv", "importance.csv", "config.yaml", "best.yaml"),
    *("results", "curves", "images", "errors", "logs"),
)


class Remembered:
    """Values by key; one is made at a time, and the one that was asked for longest ago is forgotten first.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Hashable, object]] = OrderedDict()

    def get(self, key: Hashable, stamp: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made anew if its stamp is another one."""
        with self._lock:
            if key not in self._kept or self._kept[key][0] != stamp:
                self._kept[key] = stamp, make()
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return cast(T, self._kept[key][1])


def stamp_of(folder: Path, parts: tuple[str, ...] = _PARTS) -> tuple[tuple[int, int, int] | None, ...]:
    """What is another one as soon as a file of a run is: time, size and number of each; None of one that is absent."""
    return tuple(_state(folder / part) for part in parts)


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
