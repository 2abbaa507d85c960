"""Attention between the channels of an image: MDTA, and the MSA with a dense convolution (specification 1 and 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from smfnet.model.convolution import conv, depthwise

__all__ = ["MDTA", "MSA", "channel_attention"]

EPS = 1e-24  # lower bound of squared norms


def channel_attention(q: Tensor, k: Tensor, v: Tensor, temperature: Tensor, out: nn.Conv2d) -> Tensor:
    """Weight the channels of v by how much those of q and k agree, softmax(T cos(q, k)) v in each head, then `out`.

    Attention and the 1x1 convolution after it are both matrices over channels, so they are multiplied with each other
    before they meet the pixels; and the cosine is a product over all pixels divided by norms, so q and k need not be
    normalised first. Equal to the plain order up to rounding. A channel that is zero everywhere agrees with none.

    Args:
        q, k, v: (B, C, H, W), any range; a head is a run of C / heads channels.
        temperature: factor T of each head, (heads, 1, 1).
        out: 1x1 convolution from C channels.

    Returns:
        (B, C, H, W), in the memory format of v.
    """
    heads, size = len(temperature), v.shape[2:]
    product = torch.bmm(q.flatten(2), k.flatten(2).transpose(1, 2)).unflatten(2, (heads, -1)).unflatten(1, (heads, -1))
    within = product.diagonal(dim1=1, dim2=3).movedim(-1, 1)  # (B, heads, C / heads, C / heads)
    cosine = within * _scale(q, heads)[..., None] * _scale(k, heads)[..., None, :]
    attention = torch.softmax(cosine * temperature, dim=-1)
    matrix = torch.einsum("ohc,bhcd->bohd", out.weight[:, :, 0, 0].unflatten(1, (heads, -1)), attention).flatten(2)
    mixed = _times(matrix, v.flatten(2)).unflatten(2, size)
    return mixed if out.bias is None else mixed + out.bias[:, None, None]


def _times(matrix: Tensor, pixels: Tensor) -> Tensor:
    """The product of both, (B, C, C) and (B, C, H W); channels are adjacent in memory where those of the pixels are."""
    if pixels.stride(1) == 1:
        return torch.bmm(pixels.transpose(1, 2), matrix.transpose(1, 2)).transpose(1, 2)
    return torch.bmm(matrix, pixels)


def _scale(x: Tensor, heads: int) -> Tensor:
    """1 / norm of every channel, (B, heads, C / heads)."""
    return x.square().sum((2, 3)).clamp_min(EPS).rsqrt().unflatten(1, (heads, -1))


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
        return channel_attention(q, k, v, self.temperature, self.out)


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
        return channel_attention(q, k, v, self.temperature, self.out)
