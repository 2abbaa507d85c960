"""A very small network on a few made-up patches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from assay.config.changes import apply
from smfnet.config.root import Config
from smfnet.data import Patches
from smfnet.training import Stage

_TINY = {
    "network.width": 4,
    "network.heads": 1,
    "base.transformer.groups": 1,
    "base.transformer.pairs": 1,
    "data.patch": 16,
    "train.epochs": 5,
    "train.stage1_epochs": 2,
    "train.batch": 2,
    "train.device": "cpu",
    "train.checkpoint_s": 0,
    "optim.lr": 1e-3,
    "sched.step": 2,
}


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Networks this small are slower on two threads than on one."""
    torch.set_num_threads(1)


MakeStage = Callable[..., Stage]


@pytest.fixture(scope="session")
def tiny() -> Callable[..., Config]:
    """`tiny(changes)`: the smallest configuration that trains."""
    return lambda changes=None: apply(Config(), _TINY | (changes or {}))


@pytest.fixture(scope="session")
def make_stage(tiny: Callable[..., Config]) -> MakeStage:
    """`make_stage(kind, changes, seed=1)`."""

    def make(kind: str, changes: dict[str, Any] | None = None, seed: int = 1) -> Stage:
        joint = {"train.stage1_epochs": 0} if kind == "joint" else {}
        return Stage(kind, tiny(joint | (changes or {})), seed)

    return make


@pytest.fixture(scope="session")
def patches() -> Patches:
    """Five pairs of patches: smooth blobs, so that no window is constant."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(10, 1, 5, 5, generator=generator)
    images = torch.nn.functional.interpolate(coarse, size=(16, 16), mode="bicubic").clamp(0, 1)
    return Patches(images[:5].contiguous(), images[5:].contiguous())
