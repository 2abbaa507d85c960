"""Whether a Ray of our own is still what it was: alive, and out of reach for others."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray
from ray._private import ray_constants

from assay.config.errors import WorkLost
from assay.store.scratch import is_private

__all__ = ["check_alive", "watched"]

_GRACE_S = 15.0
_VITAL = (ray_constants.PROCESS_TYPE_RAYLET, ray_constants.PROCESS_TYPE_GCS_SERVER)

_folders: list[Path] = []  # that hold a Ray of our own


class _RayLost(BaseException):
    """No `Exception`: Tune must not tidy up with a Ray that is not there."""


def check_alive() -> None:
    """Notice the death of a Ray of our own at once; Ray itself waits a minute, and then just exits.

    Raises:
        _RayLost: raylet or gcs_server is gone, or others can enter its folder; `watched` makes a `WorkLost` of it.
    """
    if trouble := _trouble():
        raise _RayLost(trouble)


@contextlib.contextmanager
def watched(folder: Path) -> Iterator[None]:
    """Look after a Ray of our own; ends this process if Ray is lost and `check_alive` cannot say so.

    A call that waits for a dead gcs_server cannot be broken off, and after a minute Ray ends the process anyway,
    with nothing but its own words.

    Args:
        folder: what Ray has on the disk lies in it.

    Raises:
        WorkLost: raylet or gcs_server has died, or others can enter the folder.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(1.0):
            if (trouble := _trouble()) and not over.wait(_GRACE_S):
                sys.stderr.write(f"error: {WorkLost(trouble)}\n")
                sys.stderr.flush()
                os._exit(1)

    _folders.append(folder)
    threading.Thread(target=watch, name="assay-watch", daemon=True).start()
    try:
        yield
    except (Exception, _RayLost) as error:
        if trouble := _trouble():
            raise WorkLost(trouble) from error
        raise
    finally:
        over.set()
        _folders.remove(folder)


def _trouble() -> str | None:
    for folder in _folders:
        if not is_private(folder):
            return f"others can enter {folder}, and through it run code (expected mode 0700)"
    node = ray._private.worker._global_node
    dead: list[tuple[str, Any]] = node.dead_processes() if node else []
    for kind, process in dead:
        if kind in _VITAL:
            return f"Ray's {kind} has died (exit code {process.returncode})"
    return None
