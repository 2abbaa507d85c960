"""The kinds of stages: what a field of the configuration may declare that it is ignored by."""

from __future__ import annotations

__all__ = ["JOINT", "STAGE1", "STAGE2"]

STAGE1, STAGE2, JOINT = "stage1", "stage2", "joint"
