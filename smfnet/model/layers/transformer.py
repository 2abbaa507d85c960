"""Transformer blocks: attention and feed-forward network, each behind a norm and added to its input."""

from __future__ import annotations

from torch import Tensor, nn

from smfnet.model.layers.attention import MDTA, MSA
from smfnet.model.layers.feedforward import FFN, LeFF
from smfnet.model.layers.norm import ChannelNorm

__all__ = ["TransformerBlock", "leff_block", "msa_block"]


class TransformerBlock(nn.Module):
    """x + attention(norm(x)), then x + feed-forward(norm(x)). Takes and gives (B, width, H, W)."""

    def __init__(self, width: int, attn: nn.Module, ffn: nn.Module) -> None:
        super().__init__()
        self.norm1 = ChannelNorm(width)
        self.attn = attn
        self.norm2 = ChannelNorm(width)
        self.ffn = ffn

    def forward(self, x: Tensor) -> Tensor:
        """Features of any range, (B, width, H, W)."""
        x = x + self.attn(self.norm1(x))
        return x + self.ffn(self.norm2(x))


def leff_block(width: int, heads: int) -> TransformerBlock:
    """A transformer block: MDTA and LeFF."""
    return TransformerBlock(width, MDTA(width, heads), LeFF(width))


def msa_block(width: int, heads: int, *, dense: bool = True) -> TransformerBlock:
    """The block b of the base branch: MSA and FFN.

    Args:
        width, heads: channels and attention heads.
        dense: the attention's second convolution is dense (the release) or depthwise.
    """
    return TransformerBlock(width, MSA(width, heads) if dense else MDTA(width, heads), FFN(width))
