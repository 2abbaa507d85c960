"""Which kernels a step spends its time in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from assay.stage import Progress
from benchmarks.gpu.size import Size
from benchmarks.gpu.steps import WARM_UP, Enough
from smfnet.training.recipe import train_stage

__all__ = ["kernels"]

SHOWN = 25


def kernels(size: Size, kind: str, changes: Mapping[str, bool], device: str) -> dict[str, Any]:
    """Number and milliseconds of the kernels of one step of a stage, and of those that take most of it.

    Empty on a CPU, which has none.
    """
    activity = ProfilerActivity.CUDA if torch.cuda.is_available() else ProfilerActivity.CPU
    profiler = profile(activities=[activity], acc_events=True)

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
    times: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for event in profiler.events():
        if event.device_type == DeviceType.CUDA:
            times[event.name] += event.device_time / 1e3
            counts[event.name] += 1
    return {
        "kernels": counts.total(),
        "ms": sum(times.values()),
        "longest": [{"name": name, "ms": ms, "times": counts[name]} for name, ms in times.most_common(SHOWN)],
    }
