"""L_grad: edges kept in a reconstruction (eqs. 18 and 19) and in the fused image (eq. 30)."""

from __future__ import annotations

import torch
from kornia.filters import spatial_gradient
from torch import Tensor
from torch.nn.functional import pad

__all__ = ["edges", "fused_gradient_loss", "gradient_loss"]

EPS = 1e-12


def edges(image: Tensor, operator: str) -> Tensor:
    """Strength of the gradient at every pixel, by un-normalised Sobel filters on an image with zeros around it.

    Args:
        image: (B, 1, H, W) in [0, 1].
        operator: `abs_sum`: |Sx| + |Sy|, in [0, 6]; `magnitude`: sqrt(Sx^2 + Sy^2 + 1e-12), the last for a finite
            gradient where the image is flat.

    Returns:
        (B, 1, H, W), not negative.
    """
    around = pad(image, (1, 1, 1, 1))  # kornia itself repeats the border
    x, y = spatial_gradient(around, normalized=False)[..., 1:-1, 1:-1].unbind(2)
    return x.abs() + y.abs() if operator == "abs_sum" else (x.square() + y.square() + EPS).sqrt()


def gradient_loss(image: Tensor, reference: Tensor, operator: str) -> Tensor:
    """Mean absolute difference of the edges, one value per image.

    Args:
        image, reference: (B, 1, H, W) in [0, 1].
        operator: see `edges`.

    Returns:
        Shape (B,), not negative.
    """
    return (edges(image, operator) - edges(reference, operator)).abs().mean((1, 2, 3))


def fused_gradient_loss(fused: Tensor, ir: Tensor, vi: Tensor, operator: str) -> Tensor:
    """Mean absolute difference from the stronger edge of both sources (eq. 30); shapes and range as above."""
    stronger = torch.maximum(edges(ir, operator), edges(vi, operator))
    return (edges(fused, operator) - stronger).abs().mean((1, 2, 3))
