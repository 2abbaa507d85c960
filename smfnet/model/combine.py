"""How the branches' features are joined before the decoder."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from assay.config.tables import Plain
from smfnet.config.model import NetworkConfig
from smfnet.model.layers.convolution import conv

__all__ = ["Concatenation", "Sum"]


class Sum(nn.Module):
    """The sum, as the paper's figure and the release have it."""

    def __init__(self, network: NetworkConfig, config: Plain, *, inputs: int) -> None:
        super().__init__()

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Each (B, width, H, W); gives the same shape."""
        first, *others = features
        for other in others:
            first = first + other
        return first


class Concatenation(nn.Module):
    """A 1x1 convolution of all channels, as the paper's text has it."""

    def __init__(self, network: NetworkConfig, config: Plain, *, inputs: int) -> None:
        super().__init__()
        self.point = conv(1, inputs * network.width, network.width)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Each (B, width, H, W), always as many; gives the same shape."""
        return self.point(torch.cat(tuple(features), dim=1))
