"""Qcv: how much a human eye sees of the differences, where the sources have edges."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

from smfnet.metrics.further.contrast_sensitivity import seen, stretched
from smfnet.metrics.further.sobel import sobel

__all__ = ["regional_difference"]

REGION = 16  # pixels
SALIENCE = 5  # power of the edge strength
PIXELS = 8  # of a degree of sight, at the highest frequency


def regional_difference(fused: Tensor, sources: Tensor) -> Tensor:
    """Qcv: mean squared visible difference of fused image and sources in regions, weighted by their edges.

    Chen and Varshney, Information Fusion 8, 2007, in the form of Liu et al. (IEEE PAMI 34, 2012), which VIFB has too:
    images stretched to 0..255; regions of 16 x 16 pixels, weighted by the sum of the Sobel strengths to the fifth
    power, with zeros around the image; differences filtered by the sensitivity of Mannos and Sakrison,
    2.6 (0.0192 + 0.144 f) exp(-(0.144 f)^1.1), up to H / 8 and W / 8 cycles. One quotient over all regions and both
    sources.

    Args:
        fused: whole grey levels 0..255, shape (B, 1, H, W).
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, in squared grey levels, at least 0; smaller is better. Sources without an edge: 0.
    """
    height, width = fused.shape[2:]
    fused, sources = stretched(fused), stretched(sources)
    visible = seen(sources - fused, (height / PIXELS, width / PIXELS), _sensitivity)
    along_x, along_y = sobel(pad(sources, (1, 1, 1, 1)))
    salience = _regions((along_x.square() + along_y.square()) ** (SALIENCE / 2))
    weighted, full = ((salience * _regions(visible.square())).sum(dim=(1, 2, 3)), salience.sum(dim=(1, 2, 3)))
    return torch.where(full > 0, weighted / full, 0.0)


def _sensitivity(frequency: Tensor) -> Tensor:
    scaled = 0.144 * frequency
    return 2.6 * (0.0192 + scaled) * torch.exp(-(scaled**1.1))


def _regions(images: Tensor) -> Tensor:
    """Means over the regions; the last ones are filled up with zeros."""
    rest = (-images.shape[3] % REGION, -images.shape[2] % REGION)
    return avg_pool2d(pad(images, (0, rest[0], 0, rest[1])), REGION)
