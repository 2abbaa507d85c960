"""Inverted bottleneck: the map inside every coupling layer."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from smfnet.model.layers.convolution import conv, depthwise

__all__ = ["Bottleneck"]


class Bottleneck(nn.Module):
    """1x1 convolution to twice the width, depthwise 3x3 with reflection padding, 1x1 back; ReLU6 between.

    Takes and gives (B, width, H, W), H and W at least 2.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.expand = conv(1, width, 2 * width, bias=False)
        self.depth = depthwise(2 * width, bias=False, padding=0)
        self.project = conv(1, 2 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Features of any range, (B, width, H, W)."""
        hidden = F.pad(F.relu6(self.expand(x), inplace=True), (1, 1, 1, 1), mode="reflect")
        return self.project(F.relu6(self.depth(hidden), inplace=True))
