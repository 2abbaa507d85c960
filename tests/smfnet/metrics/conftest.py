"""Grey levels with edges, flat parts and noise, as fused images have them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

Triple = tuple[Tensor, Tensor, Tensor]


def levels(height: int, width: int, seed: int, batch: int = 1) -> Tensor:
    """Whole grey levels (B, 1, H, W): smooth shapes, a flat box, noise on one half."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(batch, 1, 5, 6, generator=generator) * 330 - 40
    image = interpolate(coarse, (height, width), mode="bicubic", align_corners=False)
    image[..., width // 2 :] += 12 * torch.randn(batch, 1, height, width - width // 2, generator=generator)
    image[..., height // 4 : height // 2, width // 4 : width // 2] = 90
    return image.clamp(0, 255).round()


@pytest.fixture
def triple() -> Callable[..., Triple]:
    """Fused, infrared and visible image; the fused one equals a source in places, as maximum fusion does."""

    def make(height: int = 61, width: int = 74, seed: int = 0, batch: int = 1) -> Triple:
        ir, vi = levels(height, width, seed, batch), levels(height, width, seed + 1000, batch)
        fused = torch.maximum(ir, vi)
        fused[..., : height // 3, :] = ((ir + vi) / 2).round()[..., : height // 3, :]
        return fused, ir, vi

    return make
