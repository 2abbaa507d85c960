"""Where an image's foreground begins: one grey level per image."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["threshold"]

LEVELS = 256


def threshold(image: Tensor, rule: str) -> Tensor:
    """The level from which on a pixel is foreground.

    Args:
        image: (B, 1, H, W) in [0, 1].
        rule: the image's `mean`; `0.5`; or `otsu`, the border between two of 256 grey levels that separates two classes
            with the largest variance between their means (the lowest such border).

    Returns:
        (B, 1, 1, 1) in [0, 1].
    """
    match rule:
        case "mean":
            return image.mean((1, 2, 3), keepdim=True)
        case "otsu":
            return _otsu(image)
    return image.new_full((len(image), 1, 1, 1), float(rule))


def _otsu(image: Tensor) -> Tensor:
    levels = (image.flatten(1) * (LEVELS - 1)).round().clamp(0, LEVELS - 1).long()
    counts = torch.zeros(len(image), LEVELS, dtype=torch.long, device=image.device)
    counts.scatter_add_(1, levels, torch.ones_like(levels))  # whole numbers: in every order the same sums
    below = counts.cumsum(1).double()
    mass = (counts * torch.arange(LEVELS, device=image.device)).cumsum(1).double()
    above = below[:, -1:] - below
    means = mass / below, (mass[:, -1:] - mass) / above
    between = (below * above * (means[0] - means[1]).square()).nan_to_num()  # nan: one side is empty
    return ((between.argmax(1) + 0.5) / (LEVELS - 1)).to(image.dtype).view(-1, 1, 1, 1)
