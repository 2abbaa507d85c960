"""Trials that take a second: a very small network, two generated pairs of each part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from assay.config.changes import apply
from assay.experiment.trial import Trial, variant_trial
from assay.store.store import Store
from smfnet.config.root import Config
from smfnet.study import study

_TINY = {
    "seed": 1,
    "network.width": 4,
    "network.heads": 1,
    "base.transformer.groups": 1,
    "base.transformer.pairs": 1,
    "data.patch": 16,
    "data.stride": 16,
    "data.val_pairs": 0,
    "data.scenes.train_pairs": 2,
    "data.scenes.test_pairs": 2,
    "data.scenes.height": 32,
    "data.scenes.width": 40,
    "train.epochs": 3,
    "train.stage1_epochs": 1,
    "train.batch": 2,
    "train.steps_per_epoch": 2,
    "train.device": "cpu",
    "optim.lr": 1e-3,
}

MakeConfig = Callable[..., Config]
MakeTrial = Callable[..., Trial]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Networks this small are slower on two threads than on one."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny() -> MakeConfig:
    """`tiny(changes)`: the smallest configuration that trains and measures."""
    return lambda changes=None: apply(Config(), _TINY | (changes or {}))


@pytest.fixture(scope="session")
def make_trial(tiny: MakeConfig) -> MakeTrial:
    """`make_trial(row, changes, seed=1)`."""

    def make(row: str = "ours", changes: dict[str, Any] | None = None, seed: int = 1) -> Trial:
        return variant_trial(study(), row, tiny(changes), seed)

    return make


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))
