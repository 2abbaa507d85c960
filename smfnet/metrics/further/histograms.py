"""CE and NMI: what the histograms of fused image and sources have in common."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from smfnet.metrics.entropy import LEVELS, entropy_of_counts, histogram

__all__ = ["cross_entropy", "normalised_information"]


def cross_entropy(fused: Tensor, sources: Tensor) -> Tensor:
    """CE: sum p_S log2(p_S / p_F) over the grey levels, in bits, mean over the sources.

    Bulanon, Burks and Alchanatis, Biosystems Engineering 103, 2009, in the form of VIFB. It is a Kullback-Leibler
    divergence, but for one thing: levels that the fused image lacks are passed over, where a divergence would be
    infinite. It can so be negative. (IVIF_ZOO calls a binary cross entropy by this name.)

    Args:
        fused: whole grey levels 0..255, shape (B, 1, H, W).
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64.
    """
    ours, theirs = _shares(torch.cat([fused, sources], dim=1)).tensor_split([1], dim=1)
    terms = torch.where(ours > 0, torch.xlogy(theirs, theirs) - torch.xlogy(theirs, ours), 0.0)
    return terms.sum(dim=2).mean(dim=1) / math.log(2)


def normalised_information(fused: Tensor, sources: Tensor) -> Tensor:
    """NMI: sum of 2 I(F; S) / (H(F) + H(S)) over the sources.

    Hossny, Nahavandi and Creighton, Electronics Letters 44, 2008. Over 256 levels; no base of a logarithm matters.

    Args:
        fused: whole grey levels 0..255, shape (B, 1, H, W).
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, in [0, S]. Two constant images tell nothing of each other: 0.
    """
    joint = histogram((sources + LEVELS * fused).flatten(0, 1).flatten(1).int(), LEVELS**2)
    levels = joint.view(-1, LEVELS, LEVELS)
    marginal = entropy_of_counts(levels.sum(dim=1)) + entropy_of_counts(levels.sum(dim=2))
    information = (marginal - entropy_of_counts(joint)).clamp(min=0)
    return torch.where(marginal > 0, 2 * information / marginal, 0.0).view(sources.shape[:2]).sum(dim=1)


def _shares(images: Tensor) -> Tensor:
    """Share of each level, (B, C, 256), float64."""
    each = images.to(torch.uint8).flatten(0, 1).flatten(1)
    counts = torch.stack([torch.bincount(levels, minlength=LEVELS) for levels in each])
    return counts.double().view(*images.shape[:2], LEVELS) / each.shape[1]
