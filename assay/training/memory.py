"""Most memory that was held."""

from __future__ import annotations

import resource
import sys

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
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
