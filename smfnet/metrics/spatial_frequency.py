"""SF: how fast the fused image changes along rows and columns."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["spatial_frequency"]


def spatial_frequency(fused: Tensor) -> Tensor:
    """sqrt(RF^2 + CF^2): root of the mean squared difference of neighbours, in rows plus in columns.

    Each of the two means is over its own differences, of which there are fewer than pixels.

    Args:
        fused: any range, shape (B, 1, H, W), H and W at least 2.

    Returns:
        Shape (B,), float64, in units of the image, at least 0.
    """
    rows, columns = (fused.diff(dim=axis).square().flatten(1).mean(dim=1, dtype=torch.float64) for axis in (-1, -2))
    return (rows + columns).sqrt()
