"""Detail branch, CAI: gradient residual dense block, cross attention, affine nodes (paper, section 2.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from smfnet.config.kinds import CAIConfig, CrossConfig
from smfnet.config.model import NetworkConfig
from smfnet.model.layers.coupling import AffineNode
from smfnet.model.layers.cross_attention import CrossAttention
from smfnet.model.layers.grdb import dense_block

__all__ = ["CAIBranch"]


class CAIBranch(nn.Module):
    """The features' halves attend to each other, then pass the affine nodes. Takes and gives (B, width, H, W).

    Without cross attention this is the "basic INN block" of the paper's ablation.
    """

    def __init__(self, network: NetworkConfig, config: CAIConfig) -> None:
        super().__init__()
        half = network.width // 2
        self.cross, self.cross_back = _attention(half, network.heads, config.cross)
        self.nodes = ["inn", *(f"inn{k}" for k in range(2, config.inn.blocks + 1))][: config.inn.blocks]
        for name in self.nodes:
            self.add_module(name, AffineNode(half, clamp=config.inn.clamp))
        self.grdb = dense_block(network.width, config)

    def forward(self, x: Tensor) -> Tensor:
        """Features of any range, (B, width, H, W)."""
        f1, f2 = self.grdb(x).chunk(2, dim=1)
        if self.cross is not None:
            f1, f2 = self.cross(f2, f1), (self.cross_back or self.cross)(f1, f2)
        for name in self.nodes:
            f1, f2 = self.get_submodule(name)(f1, f2)
        return torch.cat([f1, f2], dim=1)


def _attention(half: int, heads: int, config: CrossConfig) -> tuple[CrossAttention | None, CrossAttention | None]:
    """Attention of the first half to the second, and back: None stands for "none" and for "the same weights"."""
    there = CrossAttention(half, heads, layernorm=config.layernorm) if config.enabled else None
    back = CrossAttention(half, heads, layernorm=config.layernorm) if config.enabled and not config.shared else None
    return there, back
