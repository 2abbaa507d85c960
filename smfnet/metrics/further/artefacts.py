"""Nabf: edges of the fused image that neither source has."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from smfnet.metrics.further.sobel import sobel

__all__ = ["fusion_artefacts"]

STRENGTH = (0.9999, 19.0, 0.5)  # height, steepness and midpoint of the sigmoid
ORIENTATION = (0.9995, 22.0, 0.5)
WEAK, WEAK_WEIGHT, EXPONENT = 2.0, 0.001, 1.5  # strengths from WEAK on are weighted by themselves ^ EXPONENT


def fusion_artefacts(fused: Tensor, sources: Tensor) -> Tensor:
    """Nabf: the share of edge information that fusion made up, where the fused edge is the strongest of all.

    Petrovic and Xydeas, ICCV 2005, in the form of Shreyamsha Kumar (Signal, Image and Video Processing 7, 2013): sum
    of m sum_S (1 - Q_S) w_S over pixels / sum of sum_S w_S, m = 1 where the fused gradient is larger than those of
    both sources. Sobel kernels divided by 8, the border reflected, on grey levels 0..255: images in [0, 1] would all
    stay below the threshold of the weights, 2, and give another number.

    Args:
        fused: whole grey levels 0..255, shape (B, 1, H, W).
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, in [0, 1]. Smaller is better; some tables in print take the other direction.
    """
    strength, angle = _edges(torch.cat([fused, sources], dim=1))
    (fused_strength, strength), (fused_angle, angle) = strength.tensor_split([1], dim=1), angle.tensor_split([1], dim=1)
    made_up = (fused_strength > strength).all(dim=1, keepdim=True)
    larger = torch.maximum(fused_strength, strength)
    ratio = torch.where(larger > 0, torch.minimum(fused_strength, strength) / larger, 0.0)
    alignment = ((angle - fused_angle).abs() - math.pi / 2).abs() * (2 / math.pi)
    quality = (_sigmoid(ratio, *STRENGTH) * _sigmoid(alignment, *ORIENTATION)).sqrt()
    weight = torch.where(strength >= WEAK, strength**EXPONENT, WEAK_WEIGHT)
    lost = torch.where(made_up, (1 - quality) * weight, 0.0)
    return lost.sum(dim=(1, 2, 3)) / weight.sum(dim=(1, 2, 3))


def _edges(images: Tensor) -> tuple[Tensor, Tensor]:
    """Strength, and angle in [-pi/2, pi/2], 0 where there is no edge; float64."""
    along_x, along_y = sobel(pad(images.double(), (1, 1, 1, 1), mode="reflect"))
    slope = torch.where((along_x == 0) & (along_y == 0), 0.0, along_x / along_y)
    return (along_x.square() + along_y.square()).sqrt() / 8, slope.atan()


def _sigmoid(value: Tensor, height: float, steepness: float, midpoint: float) -> Tensor:
    return height * torch.sigmoid(steepness * (value - midpoint))
