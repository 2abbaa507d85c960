"""Mean square error of a reconstruction; a reading of row 3 of Table 5 puts it where Gram and Lovasz losses were."""

from __future__ import annotations

from torch import Tensor

__all__ = ["mse_loss", "square_error"]


def mse_loss(image: Tensor, reference: Tensor) -> Tensor:
    """Mean square difference, one value per image.

    Args:
        image, reference: (B, 1, H, W) in [0, 1].

    Returns:
        Shape (B,), in [0, 1].
    """
    return (image - reference).square().mean((1, 2, 3))


def square_error(image: Tensor, source: Tensor) -> Tensor:
    """Of both reconstructions: the sum of two means.

    Args:
        image, source: (2 B, 1, H, W) in [0, 1], infrared images first, visible ones after them.

    Returns:
        A number in [0, 2].
    """
    return mse_loss(image, source).view(2, -1).mean(1).sum()
