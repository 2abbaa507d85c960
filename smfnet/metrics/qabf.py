"""Qabf: how well the sources' edges are kept, in strength and in orientation."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from smfnet.metrics.windows import strips

__all__ = ["edge_preservation"]

STRENGTH = (0.9994, 15.0, 0.5)  # height, steepness and midpoint of the sigmoid
ORIENTATION = (0.9879, 22.0, 0.8)


class _Edges(NamedTuple):
    strength: Tensor
    angle: Tensor


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
    fused, sources = (pad(images.float(), (1, 1, 1, 1)) for images in (fused, sources))
    parts = [_kept_and_full(fused[:, :, rows], sources[:, :, rows]) for rows in strips(fused, 3)]
    kept, full = torch.stack(parts).sum(dim=0)
    return torch.where(full > 0, kept / full, 0.0)


def _kept_and_full(fused: Tensor, sources: Tensor) -> Tensor:
    """Sums of the kept and of all edge strength, (2, B), float64."""
    source, mixed = _edges(sources), _edges(fused)
    kept = _sigmoid(_strength_ratio(source.strength, mixed.strength), *STRENGTH)
    kept *= _sigmoid(1 - (source.angle - mixed.angle).abs() / (math.pi / 2), *ORIENTATION)
    strengths = torch.stack([kept * source.strength, source.strength])
    return strengths.sum(dim=(2, 3, 4), dtype=torch.float64)


def _edges(padded: Tensor) -> _Edges:
    """Strength, and angle in [-pi/2, pi/2]; pi/2 where there is no horizontal gradient.

    Whole grey levels have whole gradients, exact in float32, so that equal strengths are found equal.
    """
    smooth_y = padded[..., :-2, :] + 2 * padded[..., 1:-1, :] + padded[..., 2:, :]
    smooth_x = padded[..., :-2] + 2 * padded[..., 1:-1] + padded[..., 2:]
    along_x = smooth_y[..., :-2] - smooth_y[..., 2:]
    along_y = smooth_x[..., 2:, :] - smooth_x[..., :-2, :]
    angle = torch.where(along_x == 0, math.pi / 2, torch.atan(along_y / along_x))
    return _Edges((along_x.square() + along_y.square()).sqrt(), angle)


def _strength_ratio(source: Tensor, fused: Tensor) -> Tensor:
    ratio = torch.minimum(source, fused) / torch.maximum(source, fused)
    return torch.where(source == fused, source, ratio)


def _sigmoid(value: Tensor, height: float, steepness: float, midpoint: float) -> Tensor:
    return height * torch.sigmoid(steepness * (value - midpoint))
