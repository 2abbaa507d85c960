"""Gradient residual dense block (paper, section 2.2)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from smfnet.config.kinds import CAIConfig, InvertibleConfig
from smfnet.model.layers.convolution import conv

__all__ = ["GradientResidualDenseBlock", "SobelFilter", "dense_block"]

SOBEL_X = ((1.0, 0.0, -1.0), (2.0, 0.0, -2.0), (1.0, 0.0, -1.0))
SOBEL_Y = tuple(zip(*SOBEL_X, strict=True))


class SobelFilter(nn.Module):
    """A 3x3 filter of every channel by itself, zero padded, that begins as a Sobel filter.

    In the release the filters are ordinary parameters and drift away from it; `trainable=False` keeps them.
    Takes and gives (B, width, H, W).
    """

    weight: Tensor

    def __init__(self, kernel: tuple[tuple[float, ...], ...], width: int, *, trainable: bool) -> None:
        super().__init__()
        weight = torch.tensor(kernel).repeat(width, 1, 1, 1)
        if trainable:
            self.weight = nn.Parameter(weight)
        else:
            self.register_buffer("weight", weight)

    def forward(self, x: Tensor) -> Tensor:
        """Features of any range, (B, width, H, W)."""
        return F.conv2d(x, self.weight, padding=1, groups=len(self.weight))


class GradientResidualDenseBlock(nn.Module):
    """A dense path of three convolutions plus a path of gradient magnitudes |Sx| + |Sy|.

    There is no way around the block, in spite of its name. Takes and gives (B, width, H, W).
    """

    def __init__(self, width: int, *, sobel_trainable: bool = True) -> None:
        super().__init__()
        self.stem = conv(3, width, width)
        self.dense1 = conv(3, width, width)
        self.dense2 = conv(3, 2 * width, width)
        self.down = conv(1, 3 * width, width)
        self.sobel_x = SobelFilter(SOBEL_X, width, trainable=sobel_trainable)
        self.sobel_y = SobelFilter(SOBEL_Y, width, trainable=sobel_trainable)
        self.grad_point = conv(1, width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Features of any range, (B, width, H, W)."""
        x = F.leaky_relu(self.stem(x), 0.2, inplace=True)
        dense = torch.cat([x, F.leaky_relu(self.dense1(x), 0.2, inplace=True)], dim=1)
        dense = torch.cat([dense, F.leaky_relu(self.dense2(dense), 0.2, inplace=True)], dim=1)
        gradient = self.sobel_x(x).abs() + self.sobel_y(x).abs()
        return F.leaky_relu(self.down(dense) + self.grad_point(gradient), 0.1)


def dense_block(width: int, config: CAIConfig | InvertibleConfig) -> nn.Module:
    """The block as a part has it, or nothing in its place."""
    return GradientResidualDenseBlock(width, sobel_trainable=config.sobel_trainable) if config.grdb else nn.Identity()
