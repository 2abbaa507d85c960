"""Decoder: features to an image."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from smfnet.model.layers.convolution import conv
from smfnet.model.layers.transformer import leff_block

__all__ = ["Decoder"]


class Decoder(nn.Module):
    """Join the branches' features, one transformer block, three convolutions, sigmoid.

    Args:
        width, heads: channels and attention heads.
        combine: joins the features.
        image_skip: add the input image before the sigmoid.
        least: channels that the last layers have at least.
    """

    def __init__(self, width: int, heads: int, combine: nn.Module, *, image_skip: bool = False, least: int = 1) -> None:
        super().__init__()
        self.combine = combine
        self.block = leff_block(width, heads)
        half, quarter = max(width // 2, least), max(width // 4, least)
        self.out1 = conv(3, width, half, bias=False)
        self.out2 = conv(3, half, quarter, bias=False)
        self.out3 = conv(3, quarter, 1, bias=False)
        self.image_skip = image_skip

    def forward(self, features: Sequence[Tensor], image: Tensor) -> Tensor:
        """From features (B, width, H, W) and the input image (B, 1, H, W) to an image in (0, 1), (B, 1, H, W)."""
        x = self.block(self.combine(features))
        x = F.leaky_relu(self.out2(F.leaky_relu(self.out1(x))))
        x = self.out3(x)
        return torch.sigmoid(x + image if self.image_skip else x)
