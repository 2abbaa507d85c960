"""What a step of a stage costs, measured on a few steps."""

from __future__ import annotations

import time
from contextlib import suppress

from assay.stage import Cost, Progress
from assay.training.loop import train_recipe
from assay.training.memory import forget_peak, peak_memory
from assay.training.precision import device_of
from assay.training.recipe import Recipe

__all__ = ["STEPS", "probe"]

STEPS = 3  # the first warms up and is not counted


class _Enough(Exception):
    """Ends a training that was only a trial."""


def probe(recipe: Recipe) -> Cost:
    """Train a stage for a few steps, with this machine's device, and forget it.

    Args:
        recipe: of the stage; made-up samples do.
    """
    times: list[float] = []

    def note(progress: Progress) -> None:
        times.append(time.monotonic())
        if len(times) == STEPS:
            raise _Enough

    device = device_of(recipe.settings)
    forget_peak(device)
    with suppress(_Enough):
        train_recipe(recipe, report=note)
    return Cost((times[-1] - times[0]) / max(len(times) - 1, 1), peak_memory(device))
