"""SCD: how much of each source is in what the other source does not explain."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["sum_of_correlations"]


def sum_of_correlations(fused: Tensor, ir: Tensor, vi: Tensor) -> Tensor:
    """corr(A, F - B) + corr(B, F - A), Pearson over the whole image.

    Args:
        fused, ir, vi: any range, shape (B, 1, H, W).

    Returns:
        Shape (B,), float64, in [-2, 2]. A correlation with a constant image (F - B where F = B, for instance) is
        undefined and counts as 0.
    """
    return _correlation(ir, fused - vi) + _correlation(vi, fused - ir)


def _correlation(a: Tensor, b: Tensor) -> Tensor:
    a, b = (image.double().flatten(1) for image in (a, b))
    a, b = a - a.mean(dim=1, keepdim=True), b - b.mean(dim=1, keepdim=True)
    norms = a.norm(dim=1) * b.norm(dim=1)
    return torch.where(norms > 0, (a * b).sum(dim=1) / norms, 0.0)
