"""A folder that lives as long as its process; those of processes that were killed are removed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["scratch_folder"]

_PREFIX = "assay-"
_LONGEST_PARENT = 23  # Ray puts sockets some 80 characters below, and the path of a socket holds 103 (macOS) or 107


@contextlib.contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """A new folder, removed at the end; whoever comes next removes it if this process is killed.

    Args:
        parent: where to make it; the temporary folder of the machine if None, `/tmp` where that has too long a path.
    """
    parent = parent or _temporary_folder()
    _remove_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    try:
        with (folder / "new").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the system lets go of it when the process ends, however it ends
            (folder / "new").rename(folder / "lock")
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _temporary_folder() -> Path:
    chosen = Path(os.environ.get("RAY_TMPDIR") or tempfile.gettempdir())
    return chosen if len(str(chosen)) <= _LONGEST_PARENT else Path("/tmp")


def _remove_abandoned(parent: Path) -> None:
    for lock in parent.glob(f"{_PREFIX}*/lock"):
        with contextlib.suppress(OSError), lock.open() as file:  # somebody else's, still in use, or gone by now
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
