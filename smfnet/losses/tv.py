"""The spatial gradient loss of eq. 17 ("TV"): signed derivatives, where L_grad compares strengths."""

from __future__ import annotations

from kornia.filters import spatial_gradient
from torch import Tensor

__all__ = ["tv_loss"]


def tv_loss(image: Tensor, reference: Tensor) -> Tensor:
    """Mean absolute difference of both signed derivatives: Sobel filters divided by 8, replicated border.

    Args:
        image, reference: (B, 1, H, W) in [0, 1].

    Returns:
        Shape (B,), in [0, 1].
    """
    return spatial_gradient(image - reference).abs().mean((1, 2, 3, 4))  # the filters are linear
