"""Initial weights depend on the seed and on a layer's name, and on nothing else."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from assay.config.changes import apply
from assay.experiment.suite import Variant, load_suite
from smfnet.config.model import ModelConfig, NetworkConfig
from smfnet.config.root import Config
from smfnet.folders import ablations_folder
from smfnet.model import build
from smfnet.model.initialisation import initialise


def _same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(narrow: ModelConfig) -> None:
    first = build(narrow, seed=3).state_dict()
    torch.manual_seed(99)
    assert _same(first, build(narrow, seed=3).state_dict())
    other = build(narrow, seed=4).state_dict()
    drawn = [name for name, tensor in first.items() if not torch.equal(tensor, other[name])]
    assert {name.rpartition(".")[0] for name in drawn} == {
        name for name, module in build(narrow).named_modules() if isinstance(module, nn.Conv2d)
    }


def test_the_global_generator_is_left_alone(narrow: ModelConfig) -> None:
    before = torch.get_rng_state()
    build(narrow)
    build(narrow, seed=3)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("row", load_suite("table5", ablations_folder()).variants, ids=lambda row: row.name)
def test_rows_begin_with_equal_weights_wherever_they_have_the_same_layer(row: Variant) -> None:
    narrow = {"network.width": 8, "network.heads": 2}
    ours, other = (build(apply(Config(), narrow | dict(c)).model, seed=1).state_dict() for c in ({}, row.changes))
    common = [name for name in ours if name in other and ours[name].shape == other[name].shape]
    assert len(common) > 60
    assert all(torch.equal(ours[name], other[name]) for name in common)


def test_the_order_in_which_layers_are_made_does_not_matter() -> None:
    one, other = (
        nn.ModuleDict({name: nn.Conv2d(2, 3, 1) for name in names}) for names in (("a", "b"), ("b", "new", "a"))
    )
    initialise(one, 7)
    initialise(other, 7)
    assert all(torch.equal(tensor, other.state_dict()[name]) for name, tensor in one.state_dict().items())
    assert not torch.equal(one["a"].weight, one["b"].weight)


def test_weights_have_the_spread_of_pytorchs_rule() -> None:
    """Uniform within 1 / sqrt(fan in); the GRU's are N(0, 0.01^2)."""
    network = build(ModelConfig(network=NetworkConfig(width=32, heads=4)), seed=0)
    dense = network.get_parameter("enc.base.group0.pair0.b.attn.qkv_dense3x3.weight")
    bound = (96 * 9) ** -0.5
    assert dense.abs().max() <= bound
    assert dense.std().item() == pytest.approx(bound / 3**0.5, rel=0.01)
    gru = network.get_parameter("graph.msg_i.gru.gates.weight")
    assert gru.std().item() == pytest.approx(0.01, rel=0.05)
    assert network.get_parameter("graph.msg_i.gru.gates.bias").abs().max() > 0.03


def test_weights_without_chance_begin_as_specified(narrow: ModelConfig) -> None:
    network = build(apply(narrow, {"graph.reasoning.gamma_init": 0.25}), seed=0)
    assert torch.equal(network.get_parameter("enc.shallow.attn.temperature"), torch.ones(2, 1, 1))
    assert torch.equal(network.get_parameter("graph.msg_v.gamma"), torch.tensor([0.25]))
    sobel = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
    assert torch.equal(network.get_parameter("enc.detail.grdb.sobel_x.weight"), sobel.expand(8, 1, 3, 3))
    assert torch.equal(network.get_parameter("detail_fuse.grdb.sobel_y.weight"), sobel.T.expand(8, 1, 3, 3))
