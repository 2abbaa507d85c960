"""EN: entropy of the fused image."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["entropy", "entropy_of_counts", "histogram"]

LEVELS = 256


def entropy(fused: Tensor) -> Tensor:
    """Shannon entropy of the grey levels, in bits: -sum p log2 p over 256 levels.

    Args:
        fused: whole grey levels 0..255, shape (B, 1, H, W).

    Returns:
        Shape (B,), float64, in [0, 8].
    """
    return entropy_of_counts(histogram(fused.flatten(1).int(), LEVELS)) / math.log(2)


def histogram(codes: Tensor, bins: int) -> Tensor:
    """How often each code occurs in each row.

    Args:
        codes: int32 in 0..bins-1, shape (N, L).
        bins: number of codes; N * bins below 2^31.

    Returns:
        Counts, shape (N, bins), int64.
    """
    rows = torch.arange(len(codes), dtype=codes.dtype, device=codes.device)[:, None]
    return torch.bincount((codes + rows * bins).flatten(), minlength=len(codes) * bins).view(-1, bins)


def entropy_of_counts(counts: Tensor) -> Tensor:
    """Entropy of each row of counts, in nats; shape (N, bins) -> (N,), float64."""
    shares = counts.double() / counts.sum(dim=1, keepdim=True)
    return torch.special.entr(shares).sum(dim=1)
