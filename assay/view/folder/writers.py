"""Whether a command is writing to a run just now, found out without taking its lock."""

from __future__ import annotations

import re
import time
from pathlib import Path

__all__ = ["is_written", "locked_files"]

_LOCKS = Path("/proc/locks")  # of Linux
_FLOCK = re.compile(r"FLOCK\s+ADVISORY\s+WRITE\s+\d+\s+\S+:(\d+)\s")
_FRESH_S = 60.0  # where a lock is another machine's, or this one tells none


def locked_files() -> frozenset[int]:
    """Inodes of files that a process of this machine has locked; device numbers differ between mounts and are left."""
    try:
        text = _LOCKS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return frozenset()
    return frozenset(int(number) for number in _FLOCK.findall(text))


def is_written(folder: Path, changed: float, locked: frozenset[int]) -> bool:
    """Whether somebody has the folder's lock, or its record was changed within a minute.

    Args:
        folder: of the run.
        changed: when its record was, in seconds since the epoch.
        locked: as `locked_files` gives them.
    """
    try:
        if (folder / ".writer").lstat().st_ino in locked:
            return True
    except OSError:
        pass
    return 0 <= time.time() - changed < _FRESH_S
