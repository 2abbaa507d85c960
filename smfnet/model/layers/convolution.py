"""Convolutions that keep the size of the image."""

from __future__ import annotations

from torch import nn

__all__ = ["conv", "depthwise"]


def conv(kernel: int, inputs: int, outputs: int, *, bias: bool = True, dilation: int = 1) -> nn.Conv2d:
    """A dense convolution with zero padding, (B, inputs, H, W) -> (B, outputs, H, W)."""
    padding = dilation * (kernel // 2)
    return nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=bias)


def depthwise(channels: int, *, bias: bool = True, padding: int = 1) -> nn.Conv2d:
    """A 3x3 convolution of every channel by itself."""
    return nn.Conv2d(channels, channels, 3, padding=padding, groups=channels, bias=bias)
