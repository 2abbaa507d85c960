"""Whether a training ends in the same bits when it is done again, and what the fixed order of its sums costs."""

from __future__ import annotations

import gc
import statistics
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import torch

from assay.stage import Progress
from assay.training.fixed_order import reflected_borders
from assay.training.state import State
from benchmarks.gpu.size import Size
from benchmarks.gpu.steps import WARM_UP
from smfnet.training import recipe

__all__ = ["repeats"]


def repeats(size: Size, kind: str, changes: Mapping[str, bool], device: str) -> dict[str, Any]:
    """Train one epoch of a stage twice in a fixed order of sums, and twice in PyTorch's own.

    Returns:
        `fixed` and `free`, each with `same_bits`, `largest_difference` between a weight and itself, and `step_s`, the
        median of a step's wall seconds; `warnings`: operations of which PyTorch has no deterministic version.
    """
    small = replace(size, patch=size.packed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fixed = _twice(small, kind, changes, device)
    with _free_order():
        free = _twice(small, kind, changes, device)
    texts = sorted({str(each.message).partition(" does not")[0] for each in caught if "determin" in str(each.message)})
    return {"fixed": fixed, "free": free, "warnings": texts}


@contextmanager
def _free_order() -> Iterator[None]:
    """As PyTorch adds up by itself."""
    reflected_borders.cache_clear()
    gc.collect()  # with which its own kernels are back
    with patch("assay.training.loop.fixed_order", nullcontext):
        yield


def _twice(size: Size, kind: str, changes: Mapping[str, bool], device: str) -> dict[str, Any]:
    (first, seconds), (second, again) = (_trained(size, kind, changes, device) for _ in range(2))
    differences = [_difference(first.tensors[name], second.tensors[name]) for name in first.tensors]
    return {
        "same_bits": first.to_bytes() == second.to_bytes(),
        "largest_difference": max(differences),
        "step_s": statistics.median(seconds + again),
    }


def _trained(size: Size, kind: str, changes: Mapping[str, bool], device: str) -> tuple[State, list[float]]:
    """The end, and the seconds of every step after the first few."""
    marks: list[float] = []

    def note(progress: Progress) -> None:
        marks.append(time.perf_counter())

    stage = size.stage(kind, {"train.device": device, **changes})
    state = recipe.train_stage(stage, size.made_up(WARM_UP + 2 * size.steps), report=note)
    return state, [after - before for before, after in zip(marks[WARM_UP:], marks[WARM_UP + 1 :], strict=False)]


def _difference(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a.double() - b.double()).abs().max()) if a.numel() else 0.0
