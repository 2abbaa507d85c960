"""Qy: structural similarity to whichever source has the structure."""

from __future__ import annotations

import torch
from torch import Tensor

from smfnet.metrics.further.gaussian import gaussian
from smfnet.metrics.further.local_statistics import Statistics, local_statistics, rows_first

__all__ = ["similarity_based_quality"]

TAPS, DEVIATION = 7, 1.5
ALIKE = 0.75  # sources at least so similar are both to be kept
CONSTANT = 2e-16
# The smallest variance that whole grey levels can have in a window is 0.0013: a corner that differs by one level.
SMALLEST = 1e-6


def similarity_based_quality(fused: Tensor, ir: Tensor, vi: Tensor) -> Tensor:
    """Qy: where the sources are alike (SSIM 0.75 or more), both SSIM weighted by the variances, else the larger one.

    Yang, Zhang, Wang and Liu, Information Fusion 9, 2008, in the form of Liu et al. (IEEE PAMI 34, 2012): Gaussian
    windows of 7 pixels, deviation 1.5, inside the image, both constants 2e-16.

    Args:
        fused, ir, vi: whole grey levels 0..255, shape (B, 1, H, W), H and W at least 7.

    Returns:
        Shape (B,), float64, in [-1, 1]. Where both sources are flat they weigh the same.
    """
    window = gaussian(TAPS, DEVIATION, fused.device)
    found = local_statistics(rows_first(torch.cat([fused, ir, vi], dim=1)), [(1, 2), (1, 0), (2, 0)], window, SMALLEST)
    between, with_ir, with_vi = _similarity(found).unbind(dim=1)
    variance_ir, variance_vi = found.variance_a[:, 0], found.variance_b[:, 0]
    total = variance_ir + variance_vi
    weight = torch.where(total > 0, variance_ir / total, 0.5)
    both = torch.lerp(with_vi, with_ir, weight)
    return torch.where(between >= ALIKE, both, torch.maximum(with_ir, with_vi)).mean(dim=(0, 2))


def _similarity(found: Statistics) -> Tensor:
    means, squares = found.mean_a * found.mean_b, found.mean_a.square() + found.mean_b.square()
    luminance = (2 * means + CONSTANT) / (squares + CONSTANT)
    return luminance * (2 * found.covariance + CONSTANT) / (found.variance_a + found.variance_b + CONSTANT)
