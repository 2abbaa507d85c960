"""Encoder: shallow features and the two branches; one set of weights for both modalities (paper, section 2.2)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from smfnet.model.layers.convolution import conv
from smfnet.model.layers.transformer import leff_block

__all__ = ["Encoded", "Encoder"]


class Encoded(NamedTuple):
    """Features of a batch of images, each (B, width, H, W)."""

    shallow: Tensor
    base: Tensor
    detail: Tensor


class Encoder(nn.Module):
    """Embedding, one transformer block, then the base and the detail branch.

    Args:
        width, heads: channels and attention heads.
        base, detail: the branches.
        swap_branches: the branch in `base` makes the detail features and the one in `detail` the base features.
    """

    def __init__(
        self, width: int, heads: int, base: nn.Module, detail: nn.Module, *, swap_branches: bool = False
    ) -> None:
        super().__init__()
        self.embed = conv(3, 1, width, bias=False)
        self.shallow = leff_block(width, heads)
        self.base = base
        self.detail = detail
        self.swap_branches = swap_branches

    def shallow_features(self, image: Tensor) -> Tensor:
        """From images (B, 1, H, W) in [0, 1] to (B, width, H, W)."""
        features = self.embed(image)
        if not features.is_cuda:  # with channels adjacent in memory a training step on a CPU is a sixth cheaper
            features = features.contiguous(memory_format=torch.channels_last)
        return self.shallow(features)

    def forward(self, image: Tensor) -> Encoded:
        """Images, (B, 1, H, W) in [0, 1]. Nothing passes from one image of the batch to another."""
        shallow = self.shallow_features(image)
        base, detail = self.base(shallow), self.detail(shallow)
        return Encoded(shallow, detail, base) if self.swap_branches else Encoded(shallow, base, detail)
