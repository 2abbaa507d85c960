"""What a step of a stage costs, measured on a few steps."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass, replace

import torch

from assay.config.changes import apply
from assay.config.section import paths_of
from assay.training.loop import Progress, train_stage
from assay.training.precision import device_of
from smfnet.data import Patches
from smfnet.training.stage import JOINT, Stage

__all__ = ["Cost", "forget_peak", "peak_memory", "probe"]

STEPS = 3  # the first warms up and is not counted


@dataclass(frozen=True)
class Cost:
    """What training takes.

    Attributes:
        step_s: wall seconds of one step.
        memory: most bytes held at once, see `peak_memory`.
    """

    step_s: float
    memory: int


def probe(stage: Stage, size: int) -> Cost:
    """Train a stage for a few steps on made-up patches, with this machine's device, and forget it.

    Args:
        stage: what to train.
        size: of the patches, pixels.
    """
    batch = stage.config.train.batch
    images = torch.rand(2, STEPS * batch, 1, size, size, generator=torch.Generator().manual_seed(0))
    times: list[float] = []

    def note(progress: Progress) -> None:
        times.append(time.monotonic())

    device = device_of(stage.config.train)
    forget_peak(device)
    train_stage(_shortened(stage), Patches(images[0], images[1]), report=note)
    return Cost((times[-1] - times[0]) / (len(times) - 1), peak_memory(device))


def forget_peak(device: torch.device) -> None:
    """Let the count of `peak_memory` begin anew; a process on the CPU cannot forget."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def peak_memory(device: torch.device) -> int:
    """Most bytes held so far: by torch on a GPU, by this whole process on the CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _shortened(stage: Stage) -> Stage:
    """The same stage, one epoch of a few steps long."""
    first = 0 if stage.kind == JOINT else 1
    short = {"train.stage1_epochs": first, "train.epochs": first + 1, "train.steps_per_epoch": STEPS}
    known = paths_of(stage.config)
    return replace(stage, config=apply(stage.config, {path: n for path, n in short.items() if path in known}))
