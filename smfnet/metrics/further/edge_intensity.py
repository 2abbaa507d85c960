"""EI: how strong the fused image's edges are."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from smfnet.metrics.further.sobel import sobel

__all__ = ["edge_intensity"]


def edge_intensity(fused: Tensor) -> Tensor:
    """EI: mean magnitude of the Sobel gradient, whose kernel is not divided by 8, the border repeated.

    Rajalingam and Priya, International Journal of Engineering Science Invention 7, 2018, in the form of VIFB.

    Args:
        fused: any range, shape (B, 1, H, W).

    Returns:
        Shape (B,), float64, in units of the image, at least 0.
    """
    along_x, along_y = sobel(pad(fused.float(), (1, 1, 1, 1), mode="replicate"))
    return torch.hypot(along_x, along_y).flatten(1).mean(dim=1, dtype=torch.float64)
