"""Gaussian windows."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["gaussian"]


def gaussian(taps: int, deviation: float, device: torch.device) -> Tensor:
    """Weights along one axis that add up to 1, shape (taps,), float64.

    Args:
        taps: odd.
        deviation: in pixels.
        device: of the weights.
    """
    offsets = torch.arange(taps, dtype=torch.float64, device=device) - (taps - 1) / 2
    weights = torch.exp(-offsets.square() / (2 * deviation**2))
    return weights / weights.sum()
