"""How large the measured work is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
        steps: timed steps of every switch.
        short_patch, short_steps, short_seeds: of the short trainings whose ends are compared.
        seconds: for which packed processes are counted.
        pairs: test pairs.
        product: rows of the square matrices of the ceilings; a copy moves as many as 16 of them.
    """

    width: int
    heads: int
    batch: int
    patch: int
    steps: int
    short_patch: int
    short_steps: int
    short_seeds: int
    seconds: float
    pairs: int
    product: int

    def config(self, changes: Mapping[str, Any] | None = None) -> Config:
        """The paper's configuration at this size, with changes; one epoch of each stage, of all steps."""
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

    def made_up(self, steps: int) -> Patches:
        """Random patches for so many steps."""
        generator = torch.Generator().manual_seed(0)
        images = torch.rand(2, steps * self.batch, 1, self.patch, self.patch, generator=generator)
        return Patches(images[0], images[1])


FULL = Size(
    *(64, 8),
    *(6, 128, 15),
    *(64, 90, 3),
    seconds=2.5,
    pairs=50,
    product=8192,
)
# Says nothing about a GPU: so small that a CPU goes through all of it within a minute.
SMALL = Size(
    *(4, 1),
    *(2, 16, 2),
    *(16, 3, 2),
    seconds=0.5,
    pairs=2,
    product=64,
)
