"""What one stage of training is: its kind, its place in the run, and the configuration that it reads."""

from __future__ import annotations

from dataclasses import dataclass

from smfnet.config.root import Config

__all__ = ["JOINT", "STAGE1", "STAGE2", "Stage", "stages_of"]

STAGE1, STAGE2, JOINT = "stage1", "stage2", "joint"


@dataclass(frozen=True)
class Stage:
    """A unit of training and of reuse.

    Attributes:
        kind: `stage1` (reconstruction), `stage2` (fusion, from the weights of stage I), or `joint` (no stage I).
        config: the whole configuration of the trial; a stage reads a part of it.
        seed: decides initial weights and the order of patches.
    """

    kind: str
    config: Config
    seed: int

    @property
    def first_epoch(self) -> int:
        """First epoch, counted over the whole run from 0."""
        return self.config.train.stage1_epochs if self.kind == STAGE2 else 0

    @property
    def last_epoch(self) -> int:
        """First epoch that no longer belongs to the stage."""
        return self.config.train.stage1_epochs if self.kind == STAGE1 else self.config.train.epochs


def stages_of(config: Config, seed: int) -> tuple[Stage, ...]:
    """The stages of one trial in order: stage I and II, or the joint stage alone."""
    kinds = (STAGE1, STAGE2) if config.train.stage1_epochs else (JOINT,)
    return tuple(Stage(kind, config, seed) for kind in kinds)
