"""One writer at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from assay.config.errors import UserError

__all__ = ["sole_writer"]


@contextlib.contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Nobody else may write to the folder meanwhile; the lock goes with the process, however that ends.

    Raises:
        UserError: another process has it.
    """
    import fcntl  # not on Windows, where Ray is a beta and one must not give a command twice

    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".writer", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(f"another command is writing to {folder}: wait for it, or give another --output") from error
        yield
