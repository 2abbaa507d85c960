"""L_Intensity of stage II (eq. 29)."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["intensity_loss"]


def intensity_loss(fused: Tensor, ir: Tensor, vi: Tensor) -> Tensor:
    """Mean absolute difference from the brighter source, one value per image.

    Args:
        fused, ir, vi: (B, 1, H, W) in [0, 1].

    Returns:
        Shape (B,), in [0, 1].
    """
    return (fused - torch.maximum(ir, vi)).abs().mean((1, 2, 3))
