"""Qabf: how well the sources' edges are kept, in strength and in orientation."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from smfnet.metrics.windows import strips

__all__ = ["edge_preservation"]

STRENGTH = (0.9994, 15.0, 0.5)  # height, steepness and midpoint of the sigmoid
ORIENTATION = (0.9879, 22.0, 0.8)


def edge_preservation(fused: Tensor, sources: Tensor) -> Tensor:
    """Xydeas and Petrovic's Qabf: edge preservation weighted by the sources' edge strengths.

    Sobel edges with zeros around the image. Where a source's strength equals the fused one's, their ratio is the
    strength itself (0, or larger than 1), not 1: so the field's evaluators have it, and so the published tables; it
    matters for images fused by maximum.

    Args:
        fused: whole grey levels 0..255, shape (B, 1, H, W).
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, at least 0 and below 1. Sources without any edge have nothing to be kept: 0.
    """
    padded = pad(torch.cat([fused, sources], dim=1).float(), (1, 1, 1, 1))
    parts = [
        _kept_and_full(padded[:, :, rows])
        for rows in strips(padded.shape[2], len(padded) * padded.shape[3], 3, padded.device)
    ]
    kept, full = torch.stack(parts).sum(dim=0)
    return torch.where(full > 0, kept / full, 0.0)


def _kept_and_full(padded: Tensor) -> Tensor:
    """Sums of the kept and of all edge strength, (2, B), float64; the first channel is the fused image."""
    strength, angle = _edges(padded)
    (fused, source), (fused_angle, angle) = strength.tensor_split([1], dim=1), angle.tensor_split([1], dim=1)
    ratio = torch.minimum(source, fused).div_(torch.maximum(source, fused))
    ratio = torch.where(source == fused, source, ratio)
    alignment = (angle - fused_angle).abs_().mul_(-2 / math.pi).add_(1)
    kept = _sigmoid_(ratio, *STRENGTH).mul_(_sigmoid_(alignment, *ORIENTATION)).mul_(source)
    return torch.stack([strengths.sum(dim=(1, 2, 3), dtype=torch.float64) for strengths in (kept, source)])


def _edges(padded: Tensor) -> tuple[Tensor, Tensor]:
    """Strength, and angle in (-pi/2, pi/2]; pi/2 where there is no horizontal gradient.

    Whole grey levels have whole gradients, exact in float32, so that equal strengths are found equal.
    """
    rows = torch.add(padded[..., :-2, :], padded[..., 1:-1, :], alpha=2).add_(padded[..., 2:, :])
    columns = torch.add(padded[..., :-2], padded[..., 1:-1], alpha=2).add_(padded[..., 2:])
    along_x, along_y = rows[..., :-2] - rows[..., 2:], columns[..., 2:, :] - columns[..., :-2, :]
    strength = along_x.square().addcmul_(along_y, along_y).sqrt_()
    slope = along_y.div_(along_x).nan_to_num_(nan=math.inf, posinf=math.inf, neginf=math.inf)
    return strength, slope.atan_()


def _sigmoid_(value: Tensor, height: float, steepness: float, midpoint: float) -> Tensor:
    """In place: height / (1 + exp(-steepness (value - midpoint)))."""
    return value.sub_(midpoint).mul_(steepness).sigmoid_().mul_(height)
