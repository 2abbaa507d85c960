"""Cross attention between the two halves of the detail features (paper, section 2.2; eqs. 1 to 4)."""

from __future__ import annotations

from torch import Tensor, nn

from smfnet.model.layers.attention import ChannelAttention
from smfnet.model.layers.convolution import conv, depthwise
from smfnet.model.layers.norm import ChannelNorm

__all__ = ["CrossAttention"]


class CrossAttention(ChannelAttention):
    """Queries from a guide, keys and values from a source, as in eqs. (1) and (2); no residual.

    The figure's layer norm before the projections is there with `layernorm`.
    """

    def __init__(self, width: int, heads: int, *, layernorm: bool = False) -> None:
        super().__init__(width, heads, bias=True)
        self.norm_guide = ChannelNorm(width) if layernorm else nn.Identity()
        self.norm_source = ChannelNorm(width) if layernorm else nn.Identity()
        self.q_point = conv(1, width, width)
        self.q_depth = depthwise(width)
        self.kv_point = conv(1, width, 2 * width)
        self.kv_depth = depthwise(2 * width)

    def forward(self, guide: Tensor, source: Tensor) -> Tensor:
        """Both (B, width, H, W), any range; gives the same shape."""
        q = self.q_depth(self.q_point(self.norm_guide(guide)))
        k, v = self.kv_depth(self.kv_point(self.norm_source(source))).chunk(2, dim=1)
        return self.attend(q, k, v)
