"""How long, where and by which optimiser a network is trained: sections for studies that leave that to the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from assay.config.root import RootConfig
from assay.config.section import Section, at_least, choice, value

__all__ = ["OptimConfig", "TorchConfig", "TrainConfig"]


@dataclass(frozen=True)
class TrainConfig(Section, at="train"):
    """Length and place of training.

    Attributes:
        epochs: of the training.
        device: `auto` takes a GPU if there is one.
        bf16, tf32: reduced precision on a GPU (bf16 autocast also on a CPU).
        channels_last: weights and features with channels adjacent in memory.
        threads: CPU threads of one trial; part of what decides the last bits of a result.
        checkpoint_s: least number of seconds between two checkpoints of a running stage.
    """

    epochs: int = at_least(1, 10, most=1_000_000)
    device: str = choice("auto", "cpu", "cuda")
    bf16: bool = False
    tf32: bool = value(False, idle_when={"device": "cpu"})
    channels_last: bool = False
    threads: int = at_least(1, 1, most=1024)
    checkpoint_s: float = at_least(0, 30.0, decides=False)
    cuda_graph: ClassVar[bool] = False  # a recorded pass may draw no number, and a user's may
    cudnn: ClassVar[bool] = True


@dataclass(frozen=True)
class OptimConfig(Section, at="optim"):
    """One optimiser of torch's for all parameters, and how its rate goes.

    Attributes:
        kind: Adam, AdamW, or SGD.
        lr: first learning rate.
        weight_decay: of the optimiser.
        momentum: of SGD.
        clip_norm: largest L2 norm of the gradient; null leaves it as it is.
        schedule: how the rate goes from epoch to epoch: `constant`, or `cosine` from `lr` towards 0 over all epochs.
    """

    kind: str = choice("adam", "adamw", "sgd")
    lr: float = at_least(0, 1e-3, above=True)
    weight_decay: float = at_least(0, 0.0)
    momentum: float = at_least(0, 0.9, most=1)
    clip_norm: float | None = at_least(0, None, above=True)
    schedule: str = choice("constant", "cosine")


@dataclass(frozen=True)
class TorchConfig(RootConfig):
    """The base of a `TorchStudy`'s configuration; a study adds sections of its own."""

    train: TrainConfig = field(default_factory=TrainConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
