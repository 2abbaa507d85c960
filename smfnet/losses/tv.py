"""The spatial gradient loss of eq. 17 ("TV"): signed derivatives, where L_grad compares strengths."""

from __future__ import annotations

from torch import Tensor

from smfnet.losses.filters import sobel

__all__ = ["tv_loss"]


def tv_loss(image: Tensor, reference: Tensor) -> Tensor:
    """Mean absolute difference of both signed derivatives: Sobel filters divided by 8, replicated border.

    Args:
        image, reference: (B, 1, H, W) in [0, 1].

    Returns:
        Shape (B,), in [0, 1].
    """
    x, y = sobel(image - reference, "edge")  # the filters are linear
    return (x.abs() + y.abs()).mean((1, 2, 3)) / (2 * 8)
