"""The base branch with its switches, the ways to combine, the decoder."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from assay.config.tables import Plain
from smfnet.config.kinds import TransformerConfig
from smfnet.config.model import NetworkConfig
from smfnet.model.branches.base import Group, TransformerBranch
from smfnet.model.combine import Concatenation, Sum
from smfnet.model.decoder import Decoder

NARROW = NetworkConfig(width=8, heads=2)
SUM = Sum(NARROW, Plain(), inputs=3)


@pytest.fixture
def x() -> Tensor:
    return torch.randn(1, 8, 4, 5, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("residual", "tail"), [(True, "conv"), (False, "conv"), (True, "none"), (False, "none")])
def test_a_group_adds_its_input_and_closes_with_its_tail_if_told_to(x: Tensor, residual: bool, tail: str) -> None:
    group = Group(8, 2, TransformerConfig(residual=residual, tail=tail))
    y = group.get_submodule("pair1")(group.get_submodule("pair0")(x))
    if tail == "conv":
        first, middle, last = (group.get_submodule(f"tail.{name}") for name in ("in", "mid", "out"))
        y = last(F.leaky_relu(middle(F.leaky_relu(first(y), 0.2)), 0.2))
    torch.testing.assert_close(group(x), x + y if residual else y)
    assert any(name.startswith("tail") for name in group.state_dict()) == (tail == "conv")


@pytest.mark.parametrize("blocks", ["paired", "leff"])
def test_the_branch_has_eight_transformer_layers_of_either_kind(blocks: str) -> None:
    names = TransformerBranch(NARROW, TransformerConfig(blocks=blocks)).state_dict()
    layers = {name.removesuffix(".norm1.weight"): None for name in names if name.endswith("norm1.weight")}
    assert len(layers) == 8
    dense = [name for name in names if name.endswith("qkv_dense3x3.weight")]
    assert len(dense) == (4 if blocks == "paired" else 0)


def test_the_branch_is_its_stem_and_its_groups_in_turn(x: Tensor) -> None:
    branch = TransformerBranch(NARROW, TransformerConfig())
    expected = branch.group1(branch.group0(branch.stem(x)))
    assert torch.equal(branch(x), expected)


def test_sum_and_concatenation() -> None:
    a, b, c = torch.randn(3, 2, 4, 3, 3)
    assert torch.equal(SUM([a, b, c]), a + b + c)
    joined = Concatenation(NetworkConfig(width=4, heads=2), Plain(), inputs=3)
    torch.testing.assert_close(joined([a, b, c]), joined.point(torch.cat([a, b, c], dim=1)))


def test_the_decoder_ends_in_a_sigmoid_of_three_convolutions(x: Tensor) -> None:
    decoder = Decoder(8, 2, SUM)
    y = decoder.block(x)
    for layer in (decoder.out1, decoder.out2):
        y = F.leaky_relu(layer(y), 0.01)
    torch.testing.assert_close(decoder([x], torch.zeros(1, 1, 4, 5)), torch.sigmoid(decoder.out3(y)))


@pytest.mark.parametrize(
    ("width", "least", "channels"), [(8, 1, (4, 2)), (8, 8, (8, 8)), (8, 3, (4, 3)), (64, 8, (32, 16))]
)
def test_the_last_layers_of_the_decoder_have_a_half_and_a_quarter_of_the_width_or_more(
    width: int, least: int, channels: tuple[int, int]
) -> None:
    decoder = Decoder(width, 2, SUM, least=least)
    assert (decoder.out1.out_channels, decoder.out2.out_channels) == channels
    assert decoder.out3.in_channels == channels[1]
