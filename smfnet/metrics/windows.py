"""Weighted sums over sliding windows, and the local moments that VIF is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Moments", "local_moments", "slide", "strips"]

# Outputs per matrix product. A row of the product has BLOCK + taps - 1 terms, of which only the taps are not zero.
BLOCK = 32

# Pixels of a strip on the CPU, where what stays in the cache is computed three times as fast.
STRIP = 2**15


class Moments(NamedTuple):
    """Local variances of fused (B, 1, h, w) and sources (B, S, h, w), and their covariances (B, S, h, w)."""

    fused_variance: Tensor
    source_variance: Tensor
    covariance: Tensor


def strips(images: Tensor, taps: int) -> Iterator[slice]:
    """Overlapping slices of rows: the windows inside the strips are those inside the image, each once.

    Args:
        images: shape (B, C, H, W).
        taps: height of the windows, at most H.

    Yields:
        Slices of axis 2; on a GPU a single one.
    """
    height = images.shape[2] - taps + 1
    rows = max(BLOCK, STRIP // (len(images) * images.shape[3])) if images.device.type == "cpu" else height
    for first in range(0, height, rows):
        yield slice(first, min(first + rows, height) + taps - 1)


def local_moments(fused: Tensor, sources: Tensor, window: Tensor) -> Moments:
    """Weighted moments in every window that lies wholly inside the image.

    Variances are E[x^2] - E[x]^2 and can come out slightly negative.

    Args:
        fused: any range, shape (B, 1, H, W).
        sources: any range, shape (B, S, H, W).
        window: weights along one axis, adding up to 1, shape (taps,); the window is their outer product.
    """
    count = sources.shape[1]
    stack = fused.new_empty(len(fused), 3 * count + 2, *fused.shape[2:])
    torch.cat([fused, sources], dim=1, out=stack[:, : count + 1])
    torch.mul(stack[:, : count + 1], stack[:, : count + 1], out=stack[:, count + 1 : 2 * count + 2])
    torch.mul(fused, sources, out=stack[:, 2 * count + 2 :])
    f, s, ff, ss, fs = slide(stack, window).split([1, count, 1, count, count], dim=1)
    return Moments(ff.sub_(f * f), ss.sub_(s * s), fs.sub_(f * s))


def slide(images: Tensor, window: Tensor, step: int = 1) -> Tensor:
    """Weighted sums over the windows that lie wholly inside the image, every `step`-th along both axes.

    Done as products with band matrices: a float64 convolution on the CPU takes ten times as long.

    Args:
        images: any range, shape (B, C, H, W).
        window: weights along one axis, shape (taps,), taps at most H and W.
        step: between windows, pixels.

    Returns:
        Shape (B, C, (H - taps) // step + 1, (W - taps) // step + 1).
    """
    band = _band(window, step)
    rows = _slide_along_rows(images.flatten(0, -2), band, len(window), step).view(*images.shape[:-1], -1)
    columns = _slide_along_columns(rows.flatten(0, -3), band, len(window), step)
    return columns.view(*images.shape[:2], *columns.shape[1:])


def _band(window: Tensor, step: int) -> Tensor:
    """(BLOCK, (BLOCK - 1) * step + taps): in row i the window begins at column i * step."""
    taps = len(window)
    band = window.new_zeros(BLOCK, (BLOCK - 1) * step + taps)
    columns = torch.arange(BLOCK, device=window.device)[:, None] * step + torch.arange(taps, device=window.device)
    return band.scatter_(1, columns, window.expand(BLOCK, -1))


def _slide_along_rows(rows: Tensor, band: Tensor, taps: int, step: int) -> Tensor:
    """(N, W) -> (N, w)."""
    out = rows.new_empty(len(rows), (rows.shape[1] - taps) // step + 1)
    for first, count, reach in _blocks(out.shape[1], taps, step):
        part = rows[:, first * step : first * step + reach]
        torch.mm(part, band[:count, :reach].T, out=out[:, first : first + count])
    return out


def _slide_along_columns(images: Tensor, band: Tensor, taps: int, step: int) -> Tensor:
    """(N, H, w) -> (N, h, w)."""
    out = images.new_empty(len(images), (images.shape[1] - taps) // step + 1, images.shape[2])
    for first, count, reach in _blocks(out.shape[1], taps, step):
        part = images[:, first * step : first * step + reach]
        torch.bmm(band[:count, :reach].expand(len(images), -1, -1), part, out=out[:, first : first + count])
    return out


def _blocks(length: int, taps: int, step: int) -> list[tuple[int, int, int]]:
    """First output of each block, number of outputs, and number of inputs that they reach over."""
    counts = ((first, min(BLOCK, length - first)) for first in range(0, length, BLOCK))
    return [(first, count, (count - 1) * step + taps) for first, count in counts]
