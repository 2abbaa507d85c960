"""Which operations and kernels a step spends its time in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from assay.stage import Progress
from benchmarks.gpu.size import Size
from benchmarks.gpu.steps import WARM_UP, Enough
from smfnet.training.recipe import train_stage

__all__ = ["kernels"]

SHOWN = 25


def kernels(size: Size, kind: str, changes: Mapping[str, bool], device: str) -> dict[str, Any]:
    """Number and milliseconds of the kernels of one step of a stage, and of those that take most of it.

    Returns:
        `kernels`, `ms`: of all. `operations`: torch's, with all their shapes together. `at`: the same by shape of the
        inputs. `longest`: kernels by their own name. Empty on a CPU, which has none.
    """
    gpu = [ProfilerActivity.CUDA] if torch.cuda.is_available() else []
    profiler = profile(activities=[ProfilerActivity.CPU, *gpu], record_shapes=True, acc_events=True)

    def note(progress: Progress) -> None:
        if progress.step == WARM_UP:
            profiler.start()
        elif progress.step == WARM_UP + 1:
            profiler.stop()
            raise Enough

    with suppress(Enough):
        train_stage(size.stage(kind, {"train.device": device, **changes}), size.made_up(WARM_UP + 1), report=note)
    return _listed(profiler)


def _listed(profiler: profile) -> dict[str, Any]:
    operations, at, longest = _Times(), _Times(), _Times()
    for event in profiler.events():
        for kernel in event.kernels:
            operations.add(event.name, kernel.duration)
            at.add(f"{event.name} {[shape for shape in event.input_shapes if shape]}", kernel.duration)
            longest.add(kernel.name, kernel.duration)
    tables = {"operations": operations.most(), "at": at.most(), "longest": longest.most()}
    return {"kernels": longest.counts.total(), "ms": sum(longest.ms.values()), **tables}


class _Times:
    """Milliseconds and numbers by name."""

    def __init__(self) -> None:
        self.ms: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def add(self, name: str, microseconds: float) -> None:
        self.ms[name] += microseconds / 1e3  # type: ignore[assignment]
        self.counts[name] += 1

    def most(self) -> list[dict[str, Any]]:
        return [{"name": name, "ms": ms, "times": self.counts[name]} for name, ms in self.ms.most_common(SHOWN)]
