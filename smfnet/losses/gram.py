"""L_Intensity of stage I (eq. 20): Gram matrices of an image and its reconstruction."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["gram_loss", "gram_matrix"]


def gram_matrix(features: Tensor) -> Tensor:
    """Products of all pairs of channels, as a mean over pixels and channels; the mean square of a one-channel image.

    Args:
        features: (B, C, H, W), any range.

    Returns:
        (B, C, C), symmetric, positive semi-definite.
    """
    rows = features.flatten(2)
    if rows.shape[1] == 1:
        return rows.square().mean(2, keepdim=True)
    return rows @ rows.mT / rows[0].numel()


def gram_loss(image: Tensor, reference: Tensor, form: str) -> Tensor:
    """Distance of the Gram matrices, one value per image.

    Args:
        image, reference: images or features, (B, C, H, W).
        form: `l2`: Frobenius norm of the difference (the paper), with gradient 0 where it is 0; `mse`: mean square of
            its entries (the release).

    Returns:
        Shape (B,), not negative.
    """
    difference = gram_matrix(image) - gram_matrix(reference)
    if form == "mse":
        return difference.square().mean((1, 2))
    return torch.linalg.vector_norm(difference, dim=(1, 2))
