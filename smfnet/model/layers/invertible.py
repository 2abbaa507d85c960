"""Invertible fusion layer (paper, section 2.1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from smfnet.model.layers.coupling import InvertibleBlock
from smfnet.model.layers.grdb import GradientResidualDenseBlock

__all__ = ["InvertibleFusion"]


class InvertibleFusion(nn.Module):
    """A gradient residual dense block (can be left out) and invertible blocks. Takes and gives (B, width, H, W)."""

    def __init__(self, width: int, blocks: int, *, grdb: bool = True, sobel_trainable: bool = True) -> None:
        super().__init__()
        self.blocks = [f"inv{k}" for k in range(blocks)]
        for name in self.blocks:
            self.add_module(name, InvertibleBlock(width // 2))
        self.grdb = GradientResidualDenseBlock(width, sobel_trainable=sobel_trainable) if grdb else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Sum of both modalities' features, (B, width, H, W)."""
        x1, x2 = self.grdb(x).chunk(2, dim=1)
        for name in self.blocks:
            x1, x2 = self.get_submodule(name)(x1, x2)
        return torch.cat([x1, x2], dim=1)
