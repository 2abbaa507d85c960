"""Ray without Ray: what Tune's actor manager asks of it, answered by workers that only keep time.

Tune's own driver code runs as it is: controller, actor manager, search algorithm, callbacks. Processes and the network
are left out, and with them the time of `ray.wait`, `ray.get` and calls of actors, which `with_ray.py` measures apart.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import ray
from ray.air.execution._internal import actor_manager, event_manager
from ray.air.execution.resources import ResourceManager
from ray.train._internal import storage

from assay.experiment.trial import Trial

__all__ = ["Crew", "Slots", "Work"]

Work = Callable[[Trial], Iterator[tuple[float, dict[str, Any]]]]
_FILLED_IN = {"date": "2026-01-01_00-00-00", "timestamp": 0, "pid": 1, "hostname": "worker", "node_ip": "127.0.0.1"}


class Crew:
    """Workers with a clock of their own; to Tune's actor manager it looks like the module `ray`.

    Args:
        work: a trial -> what its worker reports, each with the seconds before it.

    Attributes:
        now: seconds on the workers' clock; it moves on when Tune waits.
        cpu_s: processor seconds that were spent in here: no part of a driver's work.
        waits, gets, calls: of Ray, so far.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._ends: list[tuple[float, int, _Reply]] = []
        self._count = itertools.count()
        self.now = self.cpu_s = 0.0
        self.waits = self.gets = self.calls = 0
        self.actor, self.ObjectRef = ray.actor, _Reply

    @contextlib.contextmanager
    def at_work(self, folder: Path) -> Iterator[None]:
        """Within, Tune's actor manager has this crew in the place of Ray."""
        with (
            mock.patch.object(actor_manager, "ray", self),
            mock.patch.object(event_manager, "ray", self),
            mock.patch.object(storage, "_get_ray_train_session_dir", return_value=str(folder)),
        ):
            yield

    def wait(
        self, futures: Sequence[_Reply], num_returns: int = 1, timeout: float | None = None
    ) -> tuple[list[_Reply], list[_Reply]]:
        """The next reply that somebody waits for; moves the clock there, or on by `timeout`."""
        self.waits += 1
        with self._outside():
            wanted, end = set(futures), self.now + (timeout or 0.0)
            while self._ends and self._ends[0][0] <= end:
                self.now, _, reply = heapq.heappop(self._ends)
                if reply in wanted:
                    return [reply], []
            self.now = end
            return [], []

    def get(self, reply: _Reply) -> Any:
        """What a worker answered."""
        self.gets += 1
        return reply.value

    def kill(self, worker: object) -> None:
        """There is nothing to kill."""

    def worker(self, config: dict[str, Any]) -> SimpleNamespace:
        """An actor: its methods as Tune calls them."""
        reports = [self._reports(config)]

        def reset(config: dict[str, Any], storage: object = None) -> _Reply:
            reports[0] = self._reports(config)
            return self._reply(0.0, True)

        def train() -> _Reply:
            with self._outside():
                return self._reply(*next(reports[0]))

        calls: dict[str, Any] = {"train": train, "reset": reset}
        calls |= dict.fromkeys(("stop", "__ray_ready__", "get_auto_filled_metrics"), self._done)
        return SimpleNamespace(**{name: SimpleNamespace(remote=call) for name, call in calls.items()})

    def _reports(self, config: dict[str, Any]) -> Iterator[tuple[float, dict[str, Any]]]:
        """As a worker of Tune sends them: with its own entries, and an empty one when the function has ended."""
        kept = {"trial": config["trial"]}
        for number, (seconds, report) in enumerate(self._work(config["trial"])):
            yield seconds, {**report, **_FILLED_IN, "config": kept, "training_iteration": number + 1, "done": False}
        yield 0.0, {"__duplicate__": True, "done": True}

    def _done(self, **options: object) -> _Reply:
        return self._reply(0.0, None)

    def _reply(self, seconds: float, value: Any) -> _Reply:
        self.calls += 1
        reply = _Reply(value)
        heapq.heappush(self._ends, (self.now + seconds, next(self._count), reply))
        return reply

    @contextlib.contextmanager
    def _outside(self) -> Iterator[None]:
        began = time.process_time()
        try:
            yield
        finally:
            self.cpu_s += time.process_time() - began


class _Reply:
    """A future."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Slots(ResourceManager):
    """Room for so many workers at once."""

    def __init__(self, crew: Crew, slots: int) -> None:
        self._crew, self._free = crew, slots

    def request_resources(self, resource_request: object) -> None:
        """Granted when there is room."""

    def cancel_resource_request(self, resource_request: object) -> None:
        """Nothing was kept."""

    def has_resources_ready(self, resource_request: object) -> bool:
        """Whether there is room."""
        return self._free > 0

    def acquire_resources(self, resource_request: Any) -> Any:
        """Take a slot; its entities are workers of the crew."""
        self._free -= 1
        made = SimpleNamespace(remote=lambda config, **other: self._crew.worker(config))
        return SimpleNamespace(resource_request=resource_request, annotate_remote_entities=lambda entities: [made])

    def free_resources(self, acquired_resource: object) -> None:
        """Give a slot back."""
        self._free += 1

    def clear(self) -> None:
        """Nothing is kept."""
