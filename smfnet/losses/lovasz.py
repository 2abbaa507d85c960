"""The Lovasz extension of the Jaccard loss 1 - IoU (eqs. 21 to 25; Berman et al., CVPR 2018)."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["lovasz"]


def lovasz(errors: Tensor, foreground: Tensor, *, both: bool = False) -> Tensor:
    """Lovasz loss of each set of pixels, the mean over the classes that occur in its labels.

    Errors of 0 and 1 give 1 - IoU of the class with its prediction.

    Args:
        errors: |label - probability| per class and pixel, (S, K, N) in [0, 1].
        foreground: which pixels bear the class, bool, (S, K, N).
        both: the complement of each class is a class too, with the same errors (two classes from one).

    Returns:
        Shape (S,), in [0, 1]; 0 where no class occurs. The gradient of equal errors depends on their order.
    """
    order = errors.argsort(-1, descending=True)
    seen = foreground.gather(-1, order).cumsum(-1, dtype=torch.int32)
    count = torch.arange(1, errors.shape[-1] + 1, dtype=torch.int32, device=errors.device)
    weights, classes = _steps(seen, count, errors.dtype)
    if both:
        other, others = _steps(count - seen, count, errors.dtype)
        weights, classes = weights + other, classes + others
    return (errors * _unsorted(weights, order)).sum((-2, -1)) / classes.sum((-2, -1)).clamp(min=1)


def _unsorted(values: Tensor, order: Tensor) -> Tensor:
    """Sorted values back in place; not by `scatter_`, whose deterministic version a CUDA graph cannot record."""
    first = torch.arange(0, values.numel(), values.shape[-1], device=values.device).view(*values.shape[:-1], 1)
    place = (order + first).flatten()
    return torch.empty_like(values).flatten().index_put_((place,), values.flatten()).view_as(values)


def _steps(seen: Tensor, count: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """How much the Jaccard loss grows with each further wrong pixel, worst first, and whether the class occurs.

    Args:
        seen: pixels of the class among the first 1..N, (S, K, N).
        count: 1..N.
    """
    size = seen[..., -1:]
    jaccard = 1 - (size - seen) / (size - seen + count).to(dtype)
    steps = jaccard.diff(dim=-1, prepend=jaccard.new_zeros(()).expand_as(jaccard[..., :1]))
    return steps * (size > 0), (size > 0).to(dtype)
