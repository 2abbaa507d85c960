"""Fused images that need no training, measured by the same code as the network's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from assay.config.tables import Slot
from smfnet.config.test_step import InferConfig

__all__ = ["RULES", "fusion_of"]


def _stretched_blend(ir: Tensor, vi: Tensor) -> Tensor:
    """0.3 mean + 0.7 max; like every fused image it is stretched by the test step."""
    return 0.3 * (ir + vi) / 2 + 0.7 * torch.maximum(ir, vi)


# Rule -> fused image from two images of shape (B, 1, H, W) in [0, 1], and whether the test step's stretch applies.
RULES: Slot[tuple[Callable[[Tensor, Tensor], Tensor], bool]] = Slot(
    "rule",
    {
        "visible_only": (lambda ir, vi: vi, False),
        "infrared_only": (lambda ir, vi: ir, False),
        "mean": (lambda ir, vi: (ir + vi) / 2, False),
        "max": (torch.maximum, False),
        "stretched_blend": (_stretched_blend, True),
    },
)


def fusion_of(rule: str, infer: InferConfig) -> tuple[Callable[[Tensor, Tensor], Tensor], InferConfig]:
    """How a rule fuses, and the test step that it takes: without the stretch where the rule wants none."""
    fuse, stretched = RULES[rule]
    return fuse, infer if stretched else replace(infer, rescale="clip")
