"""Most memory that was held."""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path

import torch

__all__ = ["forget_peak", "peak_memory"]


def forget_peak(device: torch.device) -> None:
    """Let the count of `peak_memory` begin anew; a process on the CPU cannot forget."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def peak_memory(device: torch.device) -> int:
    """Most bytes held so far: by torch on a GPU, by this whole process on the CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    with contextlib.suppress(OSError, StopIteration):
        return _high_water_mark()
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _high_water_mark() -> int:
    """As Linux counts it of this program alone: `ru_maxrss` begins with its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
