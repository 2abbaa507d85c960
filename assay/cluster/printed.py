"""What trials print, from a worker to the driver; where the worker dies, by way of a file on their machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from assay.config.text.credentials import redacted
from assay.store.disk.scratch import node_folder
from assay.store.received.names import is_file_name
from assay.store.run.printed import printed_in, printed_to

__all__ = ["printed_here", "what_it_prints"]


@contextlib.contextmanager
def what_it_prints(trial_id: str) -> Iterator[list[str]]:
    """Within, in a worker, what a trial prints is kept; afterwards the list has the end of it."""
    found = [""]
    if (path := _file_of(trial_id)) is None:
        yield found
        return
    try:
        with printed_to(path):
            yield found
    finally:
        found[0] = printed_in(path)
        path.unlink(missing_ok=True)


def printed_here(trial_id: str) -> str:
    """What a trial whose worker died had printed, if that was on this machine."""
    path = _file_of(trial_id)
    return str(redacted(printed_in(path))) if path else ""


def _file_of(trial_id: str) -> Path | None:
    folder = node_folder()
    return folder / f"{trial_id}.printed" if folder and is_file_name(trial_id) else None
