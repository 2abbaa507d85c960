"""One way of computing a metric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

__all__ = ["CDDFUSE", "PAPER", "VIFB", "Convention", "Triple"]

Triple = tuple[Tensor, Tensor, Tensor]  # fused, infrared and visible image: grey levels 0..255, (B, 1, H, W)

# Evaluators whose conventions are known in full, for some metrics each.
CDDFUSE, PAPER, VIFB = "CDDFuse's evaluator", "this paper's tables", "VIFB's program"


@dataclass(frozen=True)
class Convention:
    """A way of computing a metric.

    Attributes:
        metric: name.
        words: what sets it apart from the others of this metric.
        value: one value per image, (B,), or one for all, of whole grey levels; a batch are the channels of one image.
        by: evaluators that have it.
    """

    metric: str
    words: str
    value: Callable[[Tensor, Tensor, Tensor], Tensor]
    by: tuple[str, ...] = ()
