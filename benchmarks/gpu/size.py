"""How large the measured work is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from assay.config.changes import apply
from smfnet.config.root import Config
from smfnet.data import Patches
from smfnet.training import Stage

__all__ = ["FULL", "SMALL", "Size"]


@dataclass(frozen=True)
class Size:
    """Network, batch and repeats.

    Attributes:
        width, heads: of the network.
        batch, patch: of a training step.
        packed: side of the patches of packed processes.
        processes: how many train at once.
        steps: most timed steps of every switch.
        seconds: a slow switch is timed no longer than this (three steps at least), packed processes so long.
        pairs: test pairs whose metrics are timed; the whole test step is timed on a fifth of them.
        product: rows of the square matrices of the ceilings; a copy moves as many as 16 of them.
        short_steps, short_seeds: of the short trainings whose ends are compared.
        short: width, heads and patch of these.
    """

    width: int
    heads: int
    batch: int
    patch: int
    packed: int
    processes: tuple[int, ...]
    steps: int
    seconds: float
    pairs: int
    product: int
    short_steps: int
    short_seeds: int
    short: tuple[int, int, int]

    def config(self, changes: Mapping[str, Any] | None = None) -> Config:
        """The paper's configuration at this size, with changes; one epoch of each stage."""
        own = {
            "network.width": self.width,
            "network.heads": self.heads,
            "train.batch": self.batch,
            "train.epochs": 2,
            "train.stage1_epochs": 1,
            "train.checkpoint_s": 1e9,
            "data.patch": self.patch,
        }
        return apply(Config(), own | dict(changes or {}))

    def stage(self, kind: str, changes: Mapping[str, Any] | None = None, seed: int = 0) -> Stage:
        """A stage of that configuration."""
        return Stage(kind, self.config(changes), seed)

    def shortened(self) -> Size:
        """That of the short trainings."""
        width, heads, patch = self.short
        return replace(self, width=width, heads=heads, patch=patch)

    def made_up(self, steps: int) -> Patches:
        """Random patches for so many steps."""
        generator = torch.Generator().manual_seed(0)
        images = torch.rand(2, steps * self.batch, 1, self.patch, self.patch, generator=generator)
        return Patches(images[0], images[1])


FULL = Size(
    width=64,
    heads=8,
    batch=6,
    patch=128,
    packed=48,  # as `preset=gpu` has them
    processes=(1, 2, 3, 6),
    steps=8,
    seconds=2.0,
    pairs=50,
    product=8192,
    short_steps=60,
    short_seeds=3,
    short=(32, 4, 64),
)
# Says nothing about a GPU: so small that a CPU goes through all of it within a minute.
SMALL = Size(
    width=4,
    heads=1,
    batch=2,
    patch=16,
    packed=16,
    processes=(1, 2),
    steps=3,
    seconds=0.5,
    pairs=5,
    product=64,
    short_steps=3,
    short_seeds=2,
    short=(4, 1, 16),
)
