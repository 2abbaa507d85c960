"""Whether Ray is still what it was: alive, and a Ray of our own out of reach for others."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import ray
from ray._private import ray_constants

from assay.cluster.address import ask_alive
from assay.config.errors import WorkLost
from assay.store.disk.scratch import is_private

__all__ = ["Pulse", "check_alive", "own_ray", "watched"]

_RECONNECT_S = float(os.environ.get("RAY_gcs_rpc_server_reconnect_timeout_s", "60"))  # noqa: SIM112  # Ray's own name
_GRACE_S = _RECONNECT_S / 4  # with half of it for `Pulse`, before Ray ends the process
_VITAL = (ray_constants.PROCESS_TYPE_RAYLET, ray_constants.PROCESS_TYPE_GCS_SERVER)

Look = Callable[[], str | None]  # what is wrong with Ray

_looks: list[Look] = []


class _RayLost(BaseException):
    """No `Exception`: Tune must not tidy up with a Ray that is not there."""


def check_alive() -> None:
    """Notice at once that Ray is lost; Ray itself waits a minute, and then just exits.

    Raises:
        _RayLost: what is looked after is not well; `watched` makes a `WorkLost` of it.
    """
    if trouble := _trouble():
        raise _RayLost(trouble)


@contextlib.contextmanager
def watched(look: Look, feel: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Look after Ray; ends this process if Ray is lost and `check_alive` cannot say so.

    A call that waits for a dead gcs_server cannot be broken off, and after a minute Ray ends the process anyway,
    with nothing but its own words.

    Args:
        look: says what is wrong, at any time and at once.
        feel: called every second, may take its time.

    Raises:
        WorkLost: something was wrong.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(1.0):
            feel()
            if (trouble := look()) and not over.wait(_GRACE_S):
                sys.stderr.write(f"error: {WorkLost(trouble)}\n")
                sys.stderr.flush()
                os._exit(1)

    _looks.append(look)
    threading.Thread(target=watch, name="assay-watch", daemon=True).start()
    try:
        yield
    except (Exception, _RayLost) as error:
        if trouble := look():
            raise WorkLost(trouble) from error
        raise
    finally:
        over.set()
        _looks.remove(look)


def own_ray(folder: Path) -> Look:
    """Look whether raylet and gcs_server live, and whether nobody else can enter the folder that has Ray's files."""

    def look() -> str | None:
        if not is_private(folder):
            return f"others can enter {folder}, and through it run code (expected mode 0700)"
        node = ray._private.worker._global_node
        dead: list[tuple[str, Any]] = node.dead_processes() if node else []
        for kind, process in dead:
            if kind in _VITAL:
                return f"Ray's {kind} has died (exit code {process.returncode})"
        return None

    return look


class Pulse:
    """Whether the gcs_server of a cluster answers; it may be away for half as long as Ray waits for it.

    Args:
        place: host and port.
        patience_s: how long it may be away.
    """

    def __init__(self, place: str, patience_s: float = _RECONNECT_S / 2) -> None:
        self._place, self._patience_s = place, patience_s
        self._away_since: float | None = None

    def feel(self) -> None:
        """Ask it."""
        try:
            ask_alive(self._place)
            self._away_since = None
        except (grpc.RpcError, OSError):
            self._away_since = self._away_since or time.monotonic()

    def look(self) -> str | None:
        """What is wrong."""
        if self._away_since is None or time.monotonic() - self._away_since < self._patience_s:
            return None
        return f"the gcs_server of the cluster no longer answers at {self._place}"


def _trouble() -> str | None:
    return next(filter(None, (look() for look in _looks)), None)
