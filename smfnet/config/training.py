"""Configuration of optimisation, schedule and device (paper, section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from assay.config.errors import UserError
from assay.config.section import Section, at_least, choice, value
from smfnet.config.stages import JOINT, STAGE1

__all__ = ["OptimConfig", "SchedConfig", "TrainConfig"]


@dataclass(frozen=True)
class OptimConfig(Section):
    """Adam, one optimiser per module.

    Attributes:
        lr: first learning rate.
        clip_norm: largest L2 norm of the gradient of each module.
        reset_at_stage2: begin stage II with fresh optimisers instead of those of stage I.
    """

    lr: float = at_least(0, 1e-4, above=True)
    clip_norm: float = at_least(0, 0.01, above=True)
    reset_at_stage2: bool = value(False, ignored_by=(STAGE1, JOINT))


@dataclass(frozen=True)
class SchedConfig(Section):
    """StepLR per epoch.

    Attributes:
        step, gamma: the rate is multiplied by `gamma` every `step` epochs.
        floor: lowest rate.
        restart_at_stage2: all clocks start anew with stage II; as released only those of the fusion layers do.
    """

    step: int = at_least(1, 20)
    gamma: float = at_least(0, 0.5, above=True, most=1)
    floor: float = at_least(0, 1e-6)
    restart_at_stage2: bool = value(False, ignored_by=(STAGE1, JOINT))


@dataclass(frozen=True)
class TrainConfig(Section):
    """Length and place of training.

    Attributes:
        epochs: of both stages together.
        stage1_epochs: of stage I; 0 trains all modules together with the joint loss ("w/o two stage training").
        batch: patches a step.
        steps_per_epoch: cut each epoch to so many steps (all patches if null).
        freeze_encoder_stage2: the encoder stays as stage I left it.
        device: `auto` takes a GPU if there is one.
        bf16, tf32: reduced precision on a GPU (bf16 autocast also on a CPU).
        channels_last: weights and features with channels adjacent in memory, as the tensor cores of a GPU take them;
            on a CPU features are so anyway.
        cuda_graph: on a GPU, record the pass forwards and backwards once and play it again: the same kernels, without
            waiting for Python between them.
        cudnn: on a GPU, convolutions by cuDNN; without it they are matrix products, as plain float32 may want them.
        recompute: compute transformer blocks and graph messages a second time on the way back instead of keeping them:
            the same numbers, a third of the memory, a quarter more time (benchmarks/README.md).
        threads: CPU threads of one trial; part of what decides the last bits of a result.
        checkpoint_s: least number of seconds between two checkpoints of a running stage.
    """

    epochs: int = at_least(1, 120, most=1_000_000, ignored_by=(STAGE1,))
    stage1_epochs: int = at_least(0, 40, most=1_000_000, ignored_by=(JOINT,))
    batch: int = at_least(1, 6, most=1_000_000)
    steps_per_epoch: int | None = at_least(1, None)
    freeze_encoder_stage2: bool = value(False, ignored_by=(STAGE1, JOINT))
    device: str = choice("auto", "cpu", "cuda")
    bf16: bool = False
    tf32: bool = value(False, idle_when={"device": "cpu"})
    channels_last: bool = False
    cuda_graph: bool = value(False, idle_when={"device": "cpu"})
    cudnn: bool = value(True, idle_when={"device": "cpu"}, as_before=True)
    recompute: bool = value(False, decides=False)
    threads: int = at_least(1, 1, most=1024)
    checkpoint_s: float = at_least(0, 30.0, decides=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stage1_epochs >= self.epochs:
            raise UserError(
                f"train.stage1_epochs: expected fewer than train.epochs = {self.epochs} (both stages together); "
                f"got {self.stage1_epochs}"
            )
