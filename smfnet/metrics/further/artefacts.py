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
WEAK, WEAK_WEIGHT = 2.0, 0.001  # strengths from WEAK on are weighted by themselves to the power of 3/2


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
    along_x, along_y = sobel(pad(torch.cat([fused, sources], dim=1).float(), (1, 1, 1, 1), mode="reflect"))
    strength = along_x.square().addcmul_(along_y, along_y).double().sqrt_().div_(8)
    ours, theirs = strength.tensor_split([1], dim=1)
    weight = torch.where(theirs >= WEAK, theirs * theirs.sqrt(), WEAK_WEIGHT)
    made_up = (ours > theirs).all(dim=1, keepdim=True).expand_as(theirs)
    angle = _angle(along_x[:, 1:][made_up], along_y[:, 1:][made_up])
    fused_angle = _angle(*(along[:, :1].expand_as(theirs)[made_up] for along in (along_x, along_y)))
    alignment = angle.sub_(fused_angle).abs_().sub_(math.pi / 2).abs_().mul_(2 / math.pi)
    ratio = theirs[made_up] / ours.expand_as(theirs)[made_up]
    quality = (_sigmoid(ratio, *STRENGTH) * _sigmoid(alignment, *ORIENTATION)).sqrt_()
    lost = weight.new_zeros(len(fused)).index_add_(0, made_up.nonzero()[:, 0], (1 - quality) * weight[made_up])
    return lost / weight.sum(dim=(1, 2, 3))


def _angle(along_x: Tensor, along_y: Tensor) -> Tensor:
    """In [-pi/2, pi/2], float64, 0 where there is no edge; gradients are whole numbers."""
    return torch.where((along_x == 0) & (along_y == 0), 0.0, along_x.double() / along_y).atan_()


def _sigmoid(value: Tensor, height: float, steepness: float, midpoint: float) -> Tensor:
    return height * torch.sigmoid(steepness * (value - midpoint))
