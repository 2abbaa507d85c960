"""Where trials come from: a fixed list (ablation), or a sampler that learns on the way (search)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Protocol, TypeVar

__all__ = ["Finished", "Source", "Stop", "Waiting"]

Unit = TypeVar("Unit")  # a trial, or what stands for one


class Finished:
    """There are no more trials."""


class Waiting:
    """Every trial that is left waits for one that runs: for a stage that it makes, or for what comes out of it."""


class Stop(Enum):
    """Whether a running trial goes on."""

    NO = False
    YES = True


class Source(Protocol[Unit]):
    """What the driver asks for trials and tells about them. All calls come from one thread."""

    def next(self) -> Unit | type[Finished] | type[Waiting]:
        """The next trial to start, when a worker is free."""
        ...

    def progressed(self, trial: Unit, report: Mapping[str, Any]) -> Stop:
        """A running trial reported: what its task passed to `report`. Says whether to stop it."""
        ...

    def printed(self, trial: Unit, text: str) -> None:
        """The end of what a trial printed, if it printed anything; said before `finished` or `failed`."""
        ...

    def finished(self, trial: Unit, outcome: Any) -> None:
        """A trial came to its end: what its task returned."""
        ...

    def failed(self, trial: Unit, reason: str, traceback: str, again: bool = False) -> None:
        """A trial gave up; the reason is one line. `again`: it lay outside of the trial (a full disk)."""
        ...
