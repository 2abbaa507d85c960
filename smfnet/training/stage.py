"""What one stage of training is: its kind, its place in the run, and the configuration that it reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from assay.config.ignored import ignored_by, without
from assay.training.precision import device_of
from smfnet.config.root import Config
from smfnet.config.stages import JOINT, STAGE1, STAGE2

__all__ = ["JOINT", "STAGE1", "STAGE2", "Stage", "stages_of"]


@dataclass(frozen=True)
class Stage:
    """A unit of training and of reuse.

    Attributes:
        kind: `stage1` (reconstruction), `stage2` (fusion, from the weights of stage I), or `joint` (no stage I).
        config: that of the trial, without the values that such a stage ignores: it cannot read them. The device is the
            one that `train.device=auto` means here.
        seed: decides initial weights and the order of patches.
    """

    kind: str
    config: Config
    seed: int

    def __post_init__(self) -> None:
        config = self.config
        if config.train.device == "auto":
            config = replace(config, train=replace(config.train, device=device_of(config.train).type))
        object.__setattr__(self, "config", _as_seen(config, self.kind))

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


@lru_cache(maxsize=256)  # the same for every seed
def _as_seen(config: Config, kind: str) -> Config:
    return without(config, _ignored(config, kind))


def _ignored(config: Config, kind: str) -> set[str]:
    """The joint stage that minimises the loss of stage II ignores every part of the loss that stage II ignores."""
    ignored = ignored_by(config, kind)
    if kind == JOINT and config.loss.joint.form == "stage2":
        ignored |= {path for path in ignored_by(config, STAGE2) if path.startswith("loss.")} - {"loss.joint.form"}
    return ignored
