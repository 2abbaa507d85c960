"""Fusion layers: from both sources' features to fused ones (paper, section 2.1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from assay.config.tables import Plain
from smfnet.config.kinds import InvertibleConfig
from smfnet.config.model import NetworkConfig
from smfnet.model.layers.coupling import InvertibleBlock
from smfnet.model.layers.grdb import dense_block
from smfnet.model.layers.transformer import TransformerBlock, leff_block

__all__ = ["InvertibleFusion", "transformer"]


def transformer(network: NetworkConfig, config: Plain) -> TransformerBlock:
    """A transformer block, MDTA and LeFF. Takes and gives (B, width, H, W)."""
    return leff_block(network.width, network.heads)


class InvertibleFusion(nn.Module):
    """A gradient residual dense block (can be left out) and invertible blocks. Takes and gives (B, width, H, W)."""

    def __init__(self, network: NetworkConfig, config: InvertibleConfig) -> None:
        super().__init__()
        self.blocks = [f"inv{k}" for k in range(config.blocks)]
        for name in self.blocks:
            self.add_module(name, InvertibleBlock(network.width // 2))
        self.grdb = dense_block(network.width, config)

    def forward(self, x: Tensor) -> Tensor:
        """Sum of both modalities' features, (B, width, H, W)."""
        x1, x2 = self.grdb(x).chunk(2, dim=1)
        for name in self.blocks:
            x1, x2 = self.get_submodule(name)(x1, x2)
        return torch.cat([x1, x2], dim=1)
