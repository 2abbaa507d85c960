"""Repeated timing of a piece of work: warm-up, then median and quartiles."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

__all__ = ["Timing", "timed"]


@dataclass(frozen=True)
class Timing:
    """The repeats of a piece of work.

    Attributes:
        seconds: wall times.
        cpu_seconds: times of all processor cores together; of use where other programs share them.
    """

    seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """First and third quartile; their difference is the IQR."""
        first, _, third = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return first, third

    def per(self, count: int) -> Timing:
        """The same for one of `count` equal parts of the work."""
        wall, cpu = (tuple(each / count for each in times) for times in (self.seconds, self.cpu_seconds))
        return Timing(wall, cpu)

    def summary(self) -> dict[str, float | int]:
        """What a result file keeps."""
        first, third = self.quartiles
        return {
            "median_s": self.median,
            "first_quartile_s": first,
            "third_quartile_s": third,
            "fastest_s": min(self.seconds),
            "median_cpu_s": statistics.median(self.cpu_seconds),
            "repeats": len(self.seconds),
        }


def timed(works: Mapping[str, Callable[[], object]], repeats: int, warmup: int = 1) -> dict[str, Timing]:
    """Time pieces of work in turn, so that whatever else the machine does meets all of them alike.

    Args:
        works: name -> what to do.
        repeats: how often each is timed, at least 2.
        warmup: untimed rounds before.
    """
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for turn in range(warmup + repeats):
        for name, work in works.items():
            took = _times(work)
            if turn >= warmup:
                times[name].append(took)
    return {name: Timing(*zip(*pairs, strict=True)) for name, pairs in times.items()}


def _times(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor time."""
    _wait_for_device()
    began, cpu_began = time.perf_counter(), time.process_time()
    work()
    _wait_for_device()
    return time.perf_counter() - began, time.process_time() - cpu_began


def _wait_for_device() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
