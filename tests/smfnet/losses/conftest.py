"""Random images and features, and a pass of a network without the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import Tensor


class Pass(NamedTuple):
    """All that the passes of stage I and of stage II give."""

    ir_hat: Tensor
    vi_hat: Tensor
    fused: Tensor
    base_ir: Tensor
    base_vi: Tensor
    detail_ir: Tensor
    detail_vi: Tensor
    graph_ir: Tensor | None
    graph_vi: Tensor | None


@pytest.fixture
def image() -> Callable[..., Tensor]:
    """(B, 1, H, W) in [0, 1], another one at every call."""
    generator = torch.Generator().manual_seed(7)

    def make(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        batch, height, width = shape or (2, 12, 15)
        return torch.rand(batch, 1, height, width, generator=generator, dtype=dtype)

    return make


@pytest.fixture
def make_pass() -> Callable[..., Pass]:
    """A pass whose images and features are leaves that want a gradient."""
    generator = torch.Generator().manual_seed(8)

    def make(batch: int = 2, size: int = 12, dtype: torch.dtype = torch.float64, graph: bool = True) -> Pass:
        images = [torch.rand(batch, 1, size, size, generator=generator, dtype=dtype) for _ in range(3)]
        features = [torch.randn(batch, 4, size, size, generator=generator, dtype=dtype) for _ in range(6)]
        leaves: list[Tensor | None] = [leaf.requires_grad_() for leaf in (*images, *features)]
        return Pass(*(leaves if graph else [*leaves[:7], None, None]))  # type: ignore[arg-type]

    return make
