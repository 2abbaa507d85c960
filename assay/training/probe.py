"""What a step of a stage costs, measured on a few steps."""

from __future__ import annotations

import time
from contextlib import suppress

from torch.profiler import ProfilerActivity, profile

from assay.stage import Cost, Progress
from assay.training.loop import train_recipe
from assay.training.memory import forget_peak, peak_memory
from assay.training.precision import device_of
from assay.training.recipe import Recipe

__all__ = ["STEPS", "probe"]

TIMED = 3  # the first warms up and is not counted
STEPS = TIMED + 1  # on a GPU one more, that is looked into


class _Enough(Exception):
    """Ends a training that was only a trial."""


def probe(recipe: Recipe) -> Cost:
    """Train a stage for a few steps, with this machine's device, and forget it.

    Args:
        recipe: of the stage; made-up samples do.
    """
    device = device_of(recipe.settings)
    times: list[float] = []
    profiler = profile(activities=[ProfilerActivity.CUDA], acc_events=True) if device.type == "cuda" else None

    def note(progress: Progress) -> None:
        times.append(time.monotonic())
        if len(times) < TIMED:
            return
        if profiler is None or len(times) > TIMED:
            raise _Enough
        profiler.start()

    forget_peak(device)
    with suppress(_Enough):
        train_recipe(recipe, report=note)
    timed = times[:TIMED]
    step_s = (timed[-1] - timed[0]) / max(len(timed) - 1, 1)
    return Cost(step_s, peak_memory(device), _busy(profiler, step_s) if len(times) > TIMED else 1.0)


def _busy(profiler: profile | None, step_s: float) -> float:
    """Share of a step in which a GPU computes; kernels of one stream follow each other."""
    if profiler is None:
        return 1.0
    profiler.stop()
    kernels = (event for event in profiler.events() if event.device_type.name == "CUDA")
    return min(1.0, sum(event.device_time for event in kernels) / 1e6 / step_s) or 1.0
