"""CC(.) of eqs. 26 and 27: Pearson's correlation of two feature maps."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["correlation"]

EPS = 1e-8


def correlation(a: Tensor, b: Tensor, mode: str) -> Tensor:
    """Pearson's correlation coefficient.

    Args:
        a, b: features, (B, C, H, W), any range.
        mode: `per_channel`: of every sample and channel over its pixels, then the mean; `global`: one coefficient over
            the whole batch tensor.

    Returns:
        A number in [-1, 1]. 1e-8 is added to every variance, under the root: a constant map has correlation 0 and a
        finite gradient, and a map with a standard deviation below 1e-4 counts as nearly constant.
    """
    over = a.shape if mode == "global" else a.shape[2:]
    return torch.mean(_standardised(a, over) * _standardised(b, over))


def _standardised(a: Tensor, over: torch.Size) -> Tensor:
    """Mean 0 and variance 1 over the last axes, in float32 at least."""
    return F.layer_norm(a.to(torch.promote_types(a.dtype, torch.float32)), over, eps=EPS)
