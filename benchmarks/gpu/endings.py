"""Whether a switch is sound: short trainings with it end where plain float32 ends, within what seeds do anyway."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from typing import Any

from benchmarks.gpu.size import Size
from smfnet.config.data import DataConfig, ScenesConfig
from smfnet.data import Patches, patches, training_pairs
from smfnet.training.recipe import train_stage

__all__ = ["endings"]


def endings(size: Size, switches: Mapping[str, Mapping[str, bool]], device: str) -> dict[str, Any]:
    """Loss of the last third of stage II after a short training of both stages on generated scenes, under every seed.

    Returns:
        Switch -> `losses` (one for each seed), `mean`, `spread` (standard deviation) and `seconds` of all.
    """
    small = size.shortened()
    images = _images(small.patch)
    return {name: _ended(small, changes, images, device) for name, changes in switches.items()}


def _images(patch: int) -> Patches:
    side = max(17, patch)
    scenes = ScenesConfig(train_pairs=12, height=2 * side, width=3 * side)
    data = DataConfig(scenes=scenes, patch=patch, stride=patch)
    return patches(training_pairs(data), data)


def _ended(size: Size, changes: Mapping[str, bool], images: Patches, device: str) -> dict[str, Any]:
    began = time.perf_counter()
    losses = [_loss(size, changes, images, device, seed) for seed in range(size.short_seeds)]
    return {
        "losses": losses,
        "mean": statistics.fmean(losses),
        "spread": statistics.stdev(losses),
        "seconds": time.perf_counter() - began,
    }


def _loss(size: Size, changes: Mapping[str, bool], images: Patches, device: str, seed: int) -> float:
    """Stage I for a third of the steps, stage II for two thirds; the last epoch is half of stage II."""
    length = {"train.epochs": 3, "train.stage1_epochs": 1, "train.steps_per_epoch": size.short_steps // 3}
    state = None
    for kind in ("stage1", "stage2"):
        stage = size.stage(kind, {"train.device": device, "optim.lr": 5e-4} | length | dict(changes), seed)
        state = train_stage(stage, images, parent=state)
    assert state is not None
    return sum(weight * value for weight, value in state.log[-1].terms.values())
