"""Qcb: how well a human eye finds the contrast of the sources in the fused image."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from smfnet.metrics.further.contrast_sensitivity import seen, stretched
from smfnet.metrics.windows import slide

__all__ = ["contrast_preservation"]

TAPS, CENTRE, SURROUND = 31, 2.0, 4.0  # deviations of the two windows whose ratio is the contrast
EXCITATORY, INHIBITORY, FACTOR = 15.3870, 1.3456, 0.7622  # cycles per degree, and weight, of the eye's sensitivity
SATURATION = 0.0001
PIXELS = 30  # of a degree of sight, at the highest frequency


def contrast_preservation(fused: Tensor, sources: Tensor) -> Tensor:
    """Qcb: local contrast that is preserved of each source, weighted by the sources' squared contrasts.

    Chen and Blum, Image and Vision Computing 27, 2009, in the form of Liu et al. (IEEE PAMI 34, 2012), which VIFB has
    too: images stretched to 0..255; sensitivity exp(-(f / 15.387)^2) - 0.7622 exp(-(f / 1.3456)^2) up to H / 30 and
    W / 30 cycles; contrast |G2 * x / G4 * x - 1|, masked c^3 / (c^2 + 0.0001).

    Args:
        fused: whole grey levels 0..255, shape (B, 1, H, W).
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, in [0, 1]. Where neither of two images has contrast it is preserved; where no source has
        any they weigh the same; a mean of 0 has no contrast.
    """
    height, width = fused.shape[2:]
    images = stretched(torch.cat([fused, sources], dim=1))
    contrast = _masked(_contrast(seen(images, (height / PIXELS, width / PIXELS), _sensitivity)))
    ours, theirs = contrast.tensor_split([1], dim=1)
    larger = torch.maximum(ours, theirs)
    kept = torch.where(larger > 0, torch.minimum(ours, theirs) / larger, 1.0)
    salience = theirs.square()
    total = salience.sum(dim=1, keepdim=True)
    weight = torch.where(total > 0, salience / total, 1 / sources.shape[1])
    return (weight * kept).sum(dim=1).mean(dim=(0, 2))


def _sensitivity(frequency: Tensor) -> Tensor:
    return torch.exp(-(frequency / EXCITATORY).square()) - FACTOR * torch.exp(-(frequency / INHIBITORY).square())


def _contrast(images: Tensor) -> Tensor:
    """Against the surround, with zeros around the image, rows first: (H, C, B, W)."""
    padded = pad(images, (TAPS // 2,) * 4).permute(2, 1, 0, 3).contiguous()
    centre, surround = (slide(padded, _window(deviation, images.device)) for deviation in (CENTRE, SURROUND))
    return torch.where(surround != 0, centre / surround - 1, 0.0).abs_()


def _window(deviation: float, device: torch.device) -> Tensor:
    """Cut off at 15 pixels, and not made to add up to 1 after that."""
    offsets = torch.arange(TAPS, dtype=torch.float64, device=device) - TAPS // 2
    return torch.exp(-offsets.square() / (2 * deviation**2)) / (math.sqrt(2 * math.pi) * deviation)


def _masked(contrast: Tensor) -> Tensor:
    square = contrast.square()
    return contrast.mul_(square) / (square + SATURATION)
