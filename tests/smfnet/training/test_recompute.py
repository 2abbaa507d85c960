"""Recomputing keeps less for the way back, and changes no number."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from assay.config.changes import apply
from assay.training.precision import autocast
from assay.training.term import total
from smfnet.config.root import Config
from smfnet.data import Patches
from smfnet.training import Stage
from smfnet.training.recipe import StageRecipe, train_stage

SMALL = {
    "network.width": 8,
    "network.heads": 2,
    "train.device": "cpu",
    "train.batch": 2,
    "train.epochs": 3,
    "train.stage1_epochs": 1,
    "graph.reasoning.gamma_init": 0.3,  # with 0, gates and GRU have no gradient that could differ
}


def _stage(kind: str, **train: Any) -> Stage:
    changes = {"train.stage1_epochs": 0} if kind == "joint" else {}
    return Stage(kind, apply(Config(), SMALL | changes | {f"train.{key}": each for key, each in train.items()}), seed=0)


def _patches(count: int = 2) -> Patches:
    images = torch.rand(2, count, 1, 20, 20, generator=torch.Generator().manual_seed(0))
    return Patches(images[0], images[1])


def _passed(stage: Stage) -> tuple[float, int, dict[str, Tensor]]:
    """The loss, bytes that are kept for the way back, and the gradients."""
    recipe = StageRecipe(stage, _patches())
    network, (batch,) = recipe.network(), recipe.batches(0, torch.device("cpu"))
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    hooks = torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor)
    with hooks, autocast(stage.config.train, torch.device("cpu")):
        loss = total(recipe.terms(network, batch))
    loss.backward()
    return loss.item(), sum(kept.values()), _gradients(network)


def _gradients(network: nn.Module) -> dict[str, Tensor]:
    return {name: each.grad for name, each in network.named_parameters() if each.grad is not None}


@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize("kind", ["stage1", "stage2", "joint"])
def test_half_as_much_is_kept_and_every_gradient_is_the_same_bit_for_bit(kind: str, bf16: bool) -> None:
    loss, kept, gradients = _passed(_stage(kind, bf16=bf16))
    same, less, others = _passed(_stage(kind, bf16=bf16, recompute=True))
    assert same == loss
    assert less < kept / 2
    assert others.keys() == gradients.keys()
    assert all(torch.equal(others[name], each) for name, each in gradients.items())


def test_a_training_ends_in_the_same_state_and_goes_by_the_same_name() -> None:
    plain, sparing = (_stage("stage2", recompute=recompute) for recompute in (False, True))
    ends = [train_stage(stage, _patches(4)).to_bytes() for stage in (plain, sparing)]
    assert ends[0] == ends[1]
