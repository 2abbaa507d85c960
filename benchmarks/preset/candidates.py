"""Recipes that were tried for the preset quick: what each changes of the paper's, as words of a command."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CANDIDATES", "CHOSEN", "words_of"]

CHOSEN = "144 steps of 4, 5e-3, wide end"

_SCENES = "data.scenes={train_pairs: 24, test_pairs: 50, height: 64, width: 96}"
_TODAY = (
    *("network.width=8", "network.heads=2", "train={epochs: 6, stage1_epochs: 2, batch: 3, steps_per_epoch: 12}"),
    *("optim.lr=4e-3", "sched.step=2", "data.patch=32", "data.stride=32", "data.val_pairs=8"),
)
_SMALL = (
    *("network.width=8", "network.heads=2", "base.transformer.groups=1", "base.transformer.pairs=1", "data.patch=24"),
    *("data.stride=24", "data.val_pairs=8"),
)
_COMMON = ("data.limit_test=null", _SCENES)
_192 = "train={epochs: 24, stage1_epochs: 8, batch: 3, steps_per_epoch: 8}"
_120 = "train={epochs: 24, stage1_epochs: 8, batch: 3, steps_per_epoch: 5}"
_144_OF_2 = "train={epochs: 24, stage1_epochs: 8, batch: 2, steps_per_epoch: 6}"
_144_OF_4 = "train={epochs: 24, stage1_epochs: 8, batch: 4, steps_per_epoch: 6}"
_432_OF_4, _1296_OF_4 = (_144_OF_4.replace("epoch: 6", f"epoch: {steps}") for steps in (18, 54))
_SLOWER = "sched={step: 1, gamma: 0.92}"
_SMOOTH, _RESTARTED = "sched={step: 1, gamma: 0.82}", "sched={step: 1, gamma: 0.8, restart_at_stage2: true}"
_WIDE_END = "decoder.least=8"

CANDIDATES: Mapping[str, tuple[str, ...]] = {
    "72 steps": (*_TODAY, *_COMMON),
    "192 steps": (*_SMALL, *_COMMON, _192, "optim.lr=4e-3", "sched={step: 4, gamma: 0.4}"),
    "192 steps, restarted": (*_SMALL, *_COMMON, _192, "optim.lr=1e-2", _RESTARTED),
    "192 steps, wide end": (*_SMALL, *_COMMON, _192, "optim.lr=1e-2", _SMOOTH, _WIDE_END),
    "192 steps, restarted, wide end": (*_SMALL, *_COMMON, _192, "optim.lr=1e-2", _RESTARTED, _WIDE_END),
    "120 steps, restarted, wide end": (*_SMALL, *_COMMON, _120, "optim.lr=1e-2", _RESTARTED, _WIDE_END),
    "144 steps of 2, restarted, wide end": (*_SMALL, *_COMMON, _144_OF_2, "optim.lr=1e-2", _RESTARTED, _WIDE_END),
    "432 steps of 4, 5e-3, wide end": (*_SMALL, *_COMMON, _432_OF_4, "optim.lr=5e-3", _SLOWER, _WIDE_END),
    "1296 steps of 4, 5e-3, wide end": (*_SMALL, *_COMMON, _1296_OF_4, "optim.lr=5e-3", _SLOWER, _WIDE_END),
    CHOSEN: (*_SMALL, *_COMMON, _144_OF_4, "optim.lr=5e-3", _SLOWER, _WIDE_END),
}


def words_of(name: str) -> tuple[str, ...]:
    """A whole configuration, whatever the preset quick has become."""
    return ("preset=paper", "data=generated", *CANDIDATES[name])
