"""Base branch: transformer layers in residual groups (paper, section 2.2; eqs. 9 and 10)."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from smfnet.config.kinds import SingleAttentionConfig, TransformerConfig
from smfnet.config.model import NetworkConfig
from smfnet.model.layers.convolution import conv
from smfnet.model.layers.transformer import TransformerBlock, leff_block, msa_block

__all__ = ["Group", "TransformerBranch", "single_attention"]


class TransformerBranch(nn.Sequential):
    """A 3x3 convolution and groups of transformer blocks. Takes and gives (B, width, H, W)."""

    def __init__(self, network: NetworkConfig, config: TransformerConfig) -> None:
        width = network.width
        groups = {f"group{k}": Group(width, network.heads, config) for k in range(config.groups)}
        super().__init__(OrderedDict(stem=conv(3, width, width), **groups))


class Group(nn.Module):
    """Pairs of blocks and three closing convolutions, added to the group's input (both can be switched off).

    Takes and gives (B, width, H, W).
    """

    def __init__(self, width: int, heads: int, config: TransformerConfig) -> None:
        super().__init__()
        self.pairs = [f"pair{k}" for k in range(config.pairs)]
        for name in self.pairs:
            self.add_module(name, _pair(width, heads, config))
        self.tail = _tail(width) if config.tail == "conv" else nn.Identity()
        self.residual = config.residual

    def forward(self, x: Tensor) -> Tensor:
        """Features of any range, (B, width, H, W)."""
        y = x
        for name in self.pairs:
            y = self.get_submodule(name)(y)
        y = self.tail(y)
        return x + y if self.residual else y


def single_attention(network: NetworkConfig, config: SingleAttentionConfig) -> TransformerBlock:
    """One block of MSA and FFN in place of the groups. Takes and gives (B, width, H, W)."""
    return msa_block(network.width, network.heads, dense=config.msa_dense3x3)


def _pair(width: int, heads: int, config: TransformerConfig) -> nn.Sequential:
    return nn.Sequential(OrderedDict(a=leff_block(width, heads), b=_second_block(width, heads, config)))


def _second_block(width: int, heads: int, config: TransformerConfig) -> TransformerBlock:
    if config.blocks == "leff":
        return leff_block(width, heads)
    return msa_block(width, heads, dense=config.msa_dense3x3)


def _tail(width: int) -> nn.Sequential:
    narrow = width // 4
    layers = {
        "in": conv(3, width, narrow),
        "in_act": nn.LeakyReLU(0.2),
        "mid": conv(1, narrow, narrow),
        "mid_act": nn.LeakyReLU(0.2),
        "out": conv(3, narrow, width),
    }
    return nn.Sequential(OrderedDict(layers))
