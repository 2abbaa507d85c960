"""Sobel gradients, whole numbers for whole grey levels."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["sobel"]


def sobel(padded: Tensor) -> tuple[Tensor, Tensor]:
    """Differences of the weighted sums right - left and below - above, not divided by 8.

    Args:
        padded: images with a border of one pixel, shape (..., H + 2, W + 2).

    Returns:
        Along x and along y, shape (..., H, W).
    """
    rows = torch.add(padded[..., :-2, :], padded[..., 1:-1, :], alpha=2).add_(padded[..., 2:, :])
    columns = torch.add(padded[..., :-2], padded[..., 1:-1], alpha=2).add_(padded[..., 2:])
    return rows[..., 2:] - rows[..., :-2], columns[..., 2:, :] - columns[..., :-2, :]
