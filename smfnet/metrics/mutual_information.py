"""MI: what the fused image's grey levels tell of the sources' grey levels."""

from __future__ import annotations

from torch import Tensor

from smfnet.metrics.entropy import LEVELS, entropy_of_counts, histogram

__all__ = ["mutual_information"]


def mutual_information(fused: Tensor, sources: Tensor) -> Tensor:
    """Mutual information of the joint histogram, in NATS, not normalised, added up over the sources.

    I(F; S) = sum p(f, s) ln(p(f, s) / (p(f) p(s))), over 256 x 256 levels.

    Args:
        fused: whole grey levels 0..255, shape (B, 1, H, W).
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, at least 0.
    """
    codes = (sources + LEVELS * fused).flatten(0, 1).flatten(1).int()
    joint = histogram(codes, LEVELS**2).view(-1, LEVELS, LEVELS)
    marginals = entropy_of_counts(joint.sum(dim=1)) + entropy_of_counts(joint.sum(dim=2))
    information = marginals - entropy_of_counts(joint.flatten(1))
    return information.clamp(min=0).view(sources.shape[:2]).sum(dim=1)
