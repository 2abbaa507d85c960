"""One writer at a time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from assay.config.errors import UserError
from assay.store.received.links import refuse_links

__all__ = ["sole_writer"]


@contextlib.contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Nobody else may write to the folder meanwhile; the lock goes with the process, however that ends.

    Raises:
        UserError: another process has it, the folder cannot be made or written to, or links in it lead elsewhere.
    """
    import fcntl  # not on Windows, where Ray is a beta and one must not give a command twice

    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A folder may come from somebody else: no link is followed, nothing is emptied, and a pipe is not waited for.
        handle = os.open(folder / ".writer", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
    except OSError as error:
        raise UserError(f"{folder} cannot be made or written to: {error.strerror}; give another output") from error
    with os.fdopen(handle, "rb", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(f"another command is writing to {folder}: wait for it, or give another output") from error
        refuse_links(folder)
        yield
