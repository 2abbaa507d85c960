"""Why a worker died, as far as it is known; Tune takes some deaths for a bug of its own, and ends the run."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ray._private.serialization import SerializationContext
from ray.exceptions import OutOfMemoryError, RayActorError, RayError, RayTaskError

__all__ = ["KernelKills", "KilledForMemory", "told_apart"]


class KilledForMemory(RayActorError):
    """Ray killed the worker, as its machine had too little memory left."""

    def __init__(self, message: str) -> None:
        super().__init__(error_msg=message)

    def __str__(self) -> str:
        """How full the machine was, in a few words."""
        found = re.search(r"IP: ([^,)]+).*? was (\S+) used / (\S+) limit", self.error_msg)
        return "{1} of {2} in use on {0}".format(*found.groups()) if found else "its machine was full"


class KernelKills:
    """Whether the system itself has killed processes of this machine for lack of memory.

    Args:
        counters: where Linux counts them; elsewhere there is no such file, and the answer is no.
    """

    def __init__(self, counters: Path = Path("/proc/vmstat")) -> None:
        self._counters = counters
        self._seen = self._count()

    def is_new(self) -> bool:
        """Whether there was one since this was asked last."""
        before, self._seen = self._seen, self._count()
        return self._seen > before

    def _count(self) -> int:
        try:
            found = re.search(r"^oom_kill (\d+)$", self._counters.read_text(), re.MULTILINE)
        except OSError:
            return 0
        return int(found.group(1)) if found else 0


@contextlib.contextmanager
def told_apart() -> Iterator[None]:
    """Within, every error of Ray's own that is no actor's death is one to Tune, which takes others for a bug of its."""
    context: Any = SerializationContext
    before = context._deserialize_object
    context._deserialize_object = lambda *arguments: _as_death(before(*arguments))
    try:
        yield
    finally:
        context._deserialize_object = before


def _as_death(value: Any) -> Any:
    """What a worker sent, or what became of it."""
    if isinstance(value, OutOfMemoryError):
        return KilledForMemory(str(value))
    if isinstance(value, RayError) and not isinstance(value, RayActorError | RayTaskError):
        return RayActorError(error_msg=f"{type(value).__name__}: {value}")
    return value
