"""Gaussian local means, variances and covariances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from smfnet.metrics.windows import slide

__all__ = ["Statistics", "local_statistics", "rows_first"]


class Statistics(NamedTuple):
    """Of pairs of images, (h, P, B, w) each: means and variances of both, and covariances."""

    mean_a: Tensor
    mean_b: Tensor
    variance_a: Tensor
    variance_b: Tensor
    covariance: Tensor


def rows_first(images: Tensor) -> Tensor:
    """(B, C, H, W) to (H, C, B, W), float64."""
    return images.permute(2, 1, 0, 3).to(torch.float64, memory_format=torch.contiguous_format)


def local_statistics(images: Tensor, pairs: Sequence[tuple[int, int]], window: Tensor, smallest: float) -> Statistics:
    """Weighted statistics in every window that lies wholly inside the images.

    Args:
        images: rows first: shape (H, C, B, W).
        pairs: of channels.
        window: weights along one axis, adding up to 1, shape (taps,).
        smallest: variances below it are rounding, and 0; so are the covariances with them.
    """
    a, b = ([pair[side] for pair in pairs] for side in (0, 1))
    count = images.shape[1]
    sums = slide(torch.cat([images, images.square(), images[:, a] * images[:, b]], dim=1), window)
    mean, square, product = sums.split([count, count, len(pairs)], dim=1)
    variance = square.addcmul_(mean, mean, value=-1)
    variance = torch.where(variance > smallest, variance, 0.0)
    covariance = product.addcmul_(mean[:, a], mean[:, b], value=-1)
    covariance = torch.where((variance[:, a] > 0) & (variance[:, b] > 0), covariance, 0.0)
    return Statistics(mean[:, a], mean[:, b], variance[:, a], variance[:, b], covariance)
