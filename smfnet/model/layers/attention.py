"""Attention between the channels of an image: MDTA, and the MSA with a dense convolution (paper, section 2.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from smfnet.model.layers.convolution import conv, depthwise

__all__ = ["MDTA", "MSA", "ChannelAttention"]

EPS = 1e-24  # lower bound of squared norms


class ChannelAttention(nn.Module):
    """What every attention here has: channels of v weighted by how much those of q and k agree, and a 1x1 convolution.

    In each head, a run of width / heads channels: softmax(T cos(q, k)) v. Attention and the convolution after it are
    both matrices over channels, so they are multiplied with each other before they meet the pixels; the heads are one
    matrix with nothing outside its diagonal blocks; and the cosine is a product over all pixels divided by norms, so q
    and k need not be normalised first. Equal to the plain order up to rounding.
    """

    apart: Tensor

    def __init__(self, width: int, heads: int, *, bias: bool = False) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.out = conv(1, width, width, bias=bias)
        head = torch.arange(heads).repeat_interleave(width // heads)
        self.register_buffer("apart", head[:, None] != head, persistent=False)

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Queries, keys and values, (B, width, H, W), any range; gives the same shape in the memory format of v.

        A channel that is zero everywhere agrees with none.
        """
        temperature = self.temperature.flatten().repeat_interleave(len(self.apart) // len(self.temperature))
        scale = (_inverse_norm(q) * temperature)[:, :, None] * _inverse_norm(k)[:, None]
        agreement = torch.bmm(q.flatten(2), k.flatten(2).transpose(1, 2)) * scale
        attention = torch.softmax(agreement.masked_fill(self.apart, -torch.inf), dim=-1)
        mixed = _times(self.out.weight[:, :, 0, 0] @ attention, v.flatten(2)).unflatten(2, v.shape[2:])
        return mixed if self.out.bias is None else mixed + self.out.bias[:, None, None]


def _inverse_norm(x: Tensor) -> Tensor:
    """Of every channel over all pixels, (B, C)."""
    return (x * x).sum((2, 3)).clamp_min(EPS).rsqrt()


def _times(matrix: Tensor, pixels: Tensor) -> Tensor:
    """The product of both, (B, C, C) and (B, C, H W); channels are adjacent in memory where those of the pixels are."""
    if pixels.stride(1) == 1:
        return torch.bmm(pixels.transpose(1, 2), matrix.transpose(1, 2)).transpose(1, 2)
    return torch.bmm(matrix, pixels)


class MDTA(ChannelAttention):
    """Multi-head channel attention; queries, keys and values come from a 1x1 and a depthwise 3x3 convolution.

    Takes and gives (B, width, H, W).
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__(width, heads)
        self.qkv_point = conv(1, width, 3 * width, bias=False)
        self.qkv_depth = depthwise(3 * width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Normalised features, (B, width, H, W)."""
        return self.attend(*self.qkv_depth(self.qkv_point(x)).chunk(3, dim=1))


class MSA(ChannelAttention):
    """The same attention with a dense 3x3 convolution: seven tenths of the encoder's parameters are in these.

    Takes and gives (B, width, H, W).
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__(width, heads)
        self.qkv_point = conv(1, width, 3 * width, bias=False)
        self.qkv_dense3x3 = conv(3, 3 * width, 3 * width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Normalised features, (B, width, H, W)."""
        return self.attend(*self.qkv_dense3x3(self.qkv_point(x)).chunk(3, dim=1))
