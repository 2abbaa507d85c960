"""AG: mean gradient magnitude of the fused image."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["average_gradient", "average_gradients"]


def average_gradient(fused: Tensor) -> Tensor:
    """Mean of sqrt(gx^2 + gy^2), WITHOUT the 1/2 under the root: the convention of the paper's tables.

    CDDFuse's evaluator has sqrt((gx^2 + gy^2) / 2): divide by sqrt(2). Gradients are central differences, one-sided at
    the borders.

    Args:
        fused: any range, shape (B, 1, H, W), H and W at least 2.

    Returns:
        Shape (B,), float64, in units of the image, at least 0.
    """
    along_y, along_x = torch.gradient(fused, dim=(-2, -1))
    return (along_x.square_() + along_y.square_()).sqrt_().flatten(1).mean(dim=1, dtype=torch.float64)


def average_gradients(fused: Tensor) -> tuple[Tensor, Tensor]:
    """In the convention of the paper's tables, and in that of CDDFuse's evaluator; shapes and units as above."""
    gradient = average_gradient(fused)
    return gradient, gradient / math.sqrt(2)
