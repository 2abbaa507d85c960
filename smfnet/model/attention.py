"""Attention between the channels of an image: MDTA, and the MSA with a dense convolution (specification 1 and 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from smfnet.model.convolution import conv, depthwise

__all__ = ["MDTA", "MSA", "channel_attention"]

EPS = 1e-12  # lower bound of the norms


def channel_attention(q: Tensor, k: Tensor, v: Tensor, temperature: Tensor) -> Tensor:
    """Weight the channels of v by how much those of q and k agree: softmax(T * cos(q, k)) v within each head.

    The cosine is the product of q and k over all pixels divided by their norms, which is cheaper than to normalise
    both images first and equal up to rounding. A channel that is zero everywhere agrees with none.

    Args:
        q, k, v: (B, C, H, W), any range; a head is a run of C / heads channels.
        temperature: factor T of each head, (heads, 1, 1).

    Returns:
        (B, C, H, W).
    """
    shape = v.shape
    q, k, v = (x.flatten(2).unflatten(1, (len(temperature), -1)) for x in (q, k, v))
    cosine = q @ k.transpose(-2, -1) / (_norm(q) * _norm(k).transpose(-2, -1))
    return (torch.softmax(cosine * temperature, dim=-1) @ v).reshape(shape)


def _norm(x: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x, dim=-1, keepdim=True).clamp_min(EPS)


class MDTA(nn.Module):
    """Multi-head channel attention; queries, keys and values come from a 1x1 and a depthwise 3x3 convolution.

    Takes and gives (B, width, H, W).
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.qkv_point = conv(1, width, 3 * width, bias=False)
        self.qkv_depth = depthwise(3 * width, bias=False)
        self.out = conv(1, width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Normalised features, (B, width, H, W)."""
        q, k, v = self.qkv_depth(self.qkv_point(x)).chunk(3, dim=1)
        return self.out(channel_attention(q, k, v, self.temperature))


class MSA(nn.Module):
    """The same attention with a dense 3x3 convolution: seven tenths of the encoder's parameters are in these.

    Takes and gives (B, width, H, W).
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.qkv_point = conv(1, width, 3 * width, bias=False)
        self.qkv_dense3x3 = conv(3, 3 * width, 3 * width, bias=False)
        self.out = conv(1, width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Normalised features, (B, width, H, W)."""
        q, k, v = self.qkv_dense3x3(self.qkv_point(x)).chunk(3, dim=1)
        return self.out(channel_attention(q, k, v, self.temperature))
