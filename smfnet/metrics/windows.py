"""Weighted sums over sliding windows, and the local moments that VIF is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Moments", "local_moments", "slide", "strips"]

# Outputs per matrix product. A row of the product has BLOCK + taps - 1 terms, of which only the taps are not zero.
BLOCK = 24


class Moments(NamedTuple):
    """Local variances of fused (h, 1, B, w) and sources (h, S, B, w), and their covariances (h, S, B, w)."""

    fused_variance: Tensor
    source_variance: Tensor
    covariance: Tensor


def strips(height: int, width: int, taps: int, device: torch.device, pixels: int = 2**15) -> Iterator[slice]:
    """Overlapping slices of rows: the windows inside the strips are those inside the image, each once.

    On the CPU, what stays in the cache is computed up to three times as fast.

    Args:
        height, width: of the images; those of a batch count as side by side.
        taps: height of the windows, at most that of the images.
        device: on a GPU there is a single strip.
        pixels: of a strip, without the overlap; a strip has at least 16 rows of windows.
    """
    windows = height - taps + 1
    rows = max(16, pixels // width) if device.type == "cpu" else windows
    for first in range(0, windows, rows):
        yield slice(first, min(first + rows, windows) + taps - 1)


def local_moments(images: Tensor, window: Tensor) -> Moments:
    """Weighted moments in every window that lies wholly inside the image.

    Variances are E[x^2] - E[x]^2 and can come out slightly negative.

    Args:
        images: the fused image, then S sources, rows first: shape (H, 1 + S, B, W), any range.
        window: weights along one axis, adding up to 1, shape (taps,); the window is their outer product.
    """
    count = images.shape[1]
    stack = images.new_empty(len(images), 3 * count - 1, *images.shape[2:])
    stack[:, :count] = images
    torch.mul(images, images, out=stack[:, count : 2 * count])
    torch.mul(images[:, :1], images[:, 1:], out=stack[:, 2 * count :])
    f, s, ff, ss, fs = slide(stack, window).split([1, count - 1, 1, count - 1, count - 1], dim=1)
    return Moments(ff.addcmul_(f, f, value=-1), ss.addcmul_(s, s, value=-1), fs.addcmul_(f, s, value=-1))


def slide(images: Tensor, window: Tensor, step: int = 1) -> Tensor:
    """Weighted sums over the windows that lie wholly inside the image, every `step`-th along both axes.

    Done as products with band matrices: a float64 convolution on the CPU takes ten times as long.

    Args:
        images: any range, rows first: shape (H, ..., W), contiguous.
        window: weights along one axis, shape (taps,), taps at most H and W.
        step: between windows, pixels.

    Returns:
        Shape ((H - taps) // step + 1, ..., (W - taps) // step + 1), contiguous.
    """
    height, *inner, width = images.shape
    band, taps = _band(window, step), len(window)
    columns = images.new_empty((height - taps) // step + 1, *inner, width)
    for first, count, reach in _blocks(len(columns), taps, step):
        part = images.view(height, -1)[first * step : first * step + reach]
        torch.mm(band[:count, :reach], part, out=columns.view(len(columns), -1)[first : first + count])
    lines = columns.view(-1, width)
    out = lines.new_empty(len(lines), (width - taps) // step + 1)
    for first, count, reach in _blocks(out.shape[1], taps, step):
        part = lines[:, first * step : first * step + reach]
        torch.mm(part, band[:count, :reach].T, out=out[:, first : first + count])
    return out.view(len(columns), *inner, -1)


def _band(window: Tensor, step: int) -> Tensor:
    """(BLOCK, (BLOCK - 1) * step + taps): in row i the window begins at column i * step."""
    taps = len(window)
    band = window.new_zeros(BLOCK, (BLOCK - 1) * step + taps)
    columns = torch.arange(BLOCK, device=window.device)[:, None] * step + torch.arange(taps, device=window.device)
    return band.scatter_(1, columns, window.expand(BLOCK, -1))


def _blocks(length: int, taps: int, step: int) -> list[tuple[int, int, int]]:
    """First output of each block, number of outputs, and number of inputs that they reach over."""
    counts = ((first, min(BLOCK, length - first)) for first in range(0, length, BLOCK))
    return [(first, count, (count - 1) * step + taps) for first, count in counts]
