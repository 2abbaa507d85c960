"""Where a command puts what it makes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.store.disk.scratch import node_folder

__all__ = ["workplace"]


@contextmanager
def workplace() -> Iterator[tuple[Path, Path]]:
    """An empty folder for the output, and the place of one for what is handed to the command; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="assay-", dir=node_folder(), ignore_cleanup_errors=True) as place:
        output = Path(place, "output")
        output.mkdir()
        yield output, Path(place, "resume")
