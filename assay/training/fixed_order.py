"""The same training ends in the same bits on a GPU too: whatever is added up is added in a fixed order."""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

__all__ = ["fixed_order", "reflected_borders", "reflection_gradient"]


@contextmanager
def fixed_order() -> Iterator[None]:
    """PyTorch's deterministic algorithms where it has them, put back afterwards; and ours for reflected borders.

    Where there is none (adaptive pooling, bicubic interpolation, `grid_sample`), PyTorch warns by name: two trainings
    with such a layer differ on a GPU.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what PyTorch asks for; its own size on a recent GPU
    filling: Any = torch.utils.deterministic  # of properties, which no stub knows
    before = torch.get_deterministic_debug_mode(), filling.fill_uninitialized_memory
    reflected_borders()
    torch.set_deterministic_debug_mode("warn")
    filling.fill_uninitialized_memory = False  # costs a pass over memory, and nothing here reads what nobody wrote
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(before[0])
        filling.fill_uninitialized_memory = before[1]


@functools.cache
def reflected_borders() -> torch.library.Library:
    """Ours in place of PyTorch's CUDA kernels, which add up the border atomically, in an order of chance, in any mode.

    It stays for the life of the process, or until the cache is cleared and what comes back is dropped: trials of two
    threads may overlap.
    """
    library = torch.library.Library("aten", "IMPL")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a kernel is replaced
        for dimensions in (1, 2, 3):
            library.impl(f"reflection_pad{dimensions}d_backward", reflection_gradient, "CUDA")
    return library


def reflection_gradient(gradient: Tensor, image: Tensor, padding: Sequence[int]) -> Tensor:
    """What `pad(image, padding, mode="reflect")` hands back: the border is folded onto what it mirrors.

    Args:
        gradient: of the padded image, any floating type.
        image: what was padded; only its shape counts.
        padding: before and after in the last dimension, then in the one before it, ..., as `pad` takes them.

    Returns:
        The shape of `image`.
    """
    if min(padding) < 0:  # cut off, so that nothing came from there
        gradient = pad(gradient, [max(0, -each) for each in padding])
    for axis in range(len(padding) // 2):
        before, after = (max(0, each) for each in padding[2 * axis : 2 * axis + 2])
        gradient = _folded(gradient, image.dim() - 1 - axis, before, after)
    return gradient


def _folded(gradient: Tensor, dim: int, before: int, after: int) -> Tensor:
    size = gradient.size(dim) - before - after
    inner = gradient.narrow(dim, before, size).clone()
    inner.narrow(dim, 1, before).add_(gradient.narrow(dim, 0, before).flip(dim))
    inner.narrow(dim, size - 1 - after, after).add_(gradient.narrow(dim, before + size, after).flip(dim))
    return inner
