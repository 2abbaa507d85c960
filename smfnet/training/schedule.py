"""Learning rates as a function of the epoch (paper, section 3.1)."""

from __future__ import annotations

from smfnet.config.training import OptimConfig, SchedConfig

__all__ = ["learning_rate"]

FUSION_LAYERS = ("base_fuse", "detail_fuse")


def learning_rate(optim: OptimConfig, sched: SchedConfig, part: str, epoch: int, stage_start: int) -> float:
    """StepLR with a floor, in closed form, so that a resumed stage needs no scheduler state.

    The clock of encoder, decoder and graph starts at epoch 0 of the whole run, that of the fusion layers with the
    stage in which they join (at epoch 40 of the paper's recipe the former run at 2.5e-5, the latter at 1e-4).

    Args:
        part: name of the module (`enc`, `dec`, `graph`, `base_fuse`, `detail_fuse`).
        epoch: epoch of the whole run, from 0.
        stage_start: first epoch of the present stage.
    """
    own_clock = stage_start > 0 and (part in FUSION_LAYERS or sched.restart_at_stage2)
    age = epoch - stage_start if own_clock else epoch
    return max(optim.lr * sched.gamma ** (age // sched.step), sched.floor)
