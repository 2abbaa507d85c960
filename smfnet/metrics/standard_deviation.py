"""SD: contrast of the fused image."""

from __future__ import annotations

from torch import Tensor

__all__ = ["standard_deviation"]


def standard_deviation(fused: Tensor) -> Tensor:
    """Standard deviation of the grey levels, divided by the number of pixels (not by one less).

    Args:
        fused: any range, shape (B, 1, H, W).

    Returns:
        Shape (B,), float64, in units of the image, at least 0.
    """
    return fused.double().flatten(1).std(dim=1, correction=0)
