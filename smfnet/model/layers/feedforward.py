"""The second half of a transformer block: LeFF, and the plain feed-forward network (paper, section 2.2)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from smfnet.model.layers.convolution import conv, depthwise

__all__ = ["FFN", "LeFF"]


class LeFF(nn.Module):
    """Locally enhanced feed-forward network: three convolutions, each with a GELU, plus its own input.

    Takes and gives (B, width, H, W).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.up = conv(1, width, width)
        self.depth = depthwise(width)
        self.down = conv(1, width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Normalised features, (B, width, H, W)."""
        hidden = F.gelu(self.depth(F.gelu(self.up(x))))
        return x + F.gelu(self.down(hidden))


class FFN(nn.Module):
    """Feed-forward network pixel by pixel, twice as wide inside. Takes and gives (B, width, H, W)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.up = conv(1, width, 2 * width, bias=False)
        self.down = conv(1, 2 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Normalised features, (B, width, H, W)."""
        return self.down(F.gelu(self.up(x)))
