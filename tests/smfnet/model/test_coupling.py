"""Coupling layers, the maps inside them, and the layers that they make."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from smfnet.config.kinds import AffineConfig, CAIConfig, CrossConfig, InvertibleConfig
from smfnet.config.model import NetworkConfig
from smfnet.model.branches.detail import CAIBranch
from smfnet.model.fusion_layers import InvertibleFusion
from smfnet.model.layers.bottleneck import Bottleneck
from smfnet.model.layers.coupling import AffineNode, InvertibleBlock, bounded_scale


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    half=st.integers(1, 5),
    height=st.integers(2, 7),
    width=st.integers(2, 7),
    size=st.floats(0.01, 30),
)
def test_the_coupling_is_undone_exactly(seed: int, half: int, height: int, width: int, size: float) -> None:
    torch.manual_seed(seed)
    block = InvertibleBlock(half).double()
    for parameter in block.parameters():
        nn.init.normal_(parameter)
    x1, x2 = size * torch.randn(2, 1, half, height, width, dtype=torch.float64)
    for there, back in ((block.couple, block.uncouple), (block.uncouple, block.couple)):
        for restored, original in zip(back(*there(x1, x2)), (x1, x2), strict=True):
            torch.testing.assert_close(restored, original, rtol=1e-9, atol=1e-9)


def test_a_block_mixes_first_and_then_runs_backwards() -> None:
    torch.manual_seed(0)
    block = InvertibleBlock(3).double()
    x = torch.randn(2, 6, 4, 5, dtype=torch.float64)
    x1, x2 = block.mix(x).chunk(2, 1)
    e1 = torch.exp(2 * 2 * (torch.sigmoid(block.s_of_1(x1)) - 0.5))
    y2 = (x2 - block.t_of_1(x1)) / e1
    e2 = torch.exp(2 * 2 * (torch.sigmoid(block.s_of_2(y2)) - 0.5))
    y1 = (x1 - block.t_of_2(y2)) / e2
    for result, expected in zip(block(*x.chunk(2, 1)), (y1, y2), strict=True):
        torch.testing.assert_close(result, expected, rtol=1e-13, atol=1e-13)


@given(s=st.floats(allow_nan=False))
def test_the_bounded_scale_stays_within_e_squared(s: float) -> None:
    scale = bounded_scale(torch.tensor(s, dtype=torch.float64)).item()
    assert torch.e**-2 - 1e-12 <= scale <= torch.e**2 + 1e-12
    assert bounded_scale(torch.tensor(-s, dtype=torch.float64)).item() == pytest.approx(1 / scale)


@pytest.mark.parametrize("clamp", [False, True])
def test_an_affine_node_uses_the_new_second_half(clamp: bool) -> None:
    torch.manual_seed(0)
    node = AffineNode(3, clamp=clamp).double()
    x = torch.randn(2, 6, 4, 5, dtype=torch.float64)
    f1, f2 = node.mix(x).chunk(2, 1)
    f2 = f2 + node.phi(f1)
    exponent = node.rho(f2)
    factor = torch.exp(4 * (torch.sigmoid(exponent) - 0.5)) if clamp else torch.exp(exponent)
    for result, expected in zip(node(*x.chunk(2, 1)), (f1 * factor + node.eta(f2), f2), strict=True):
        torch.testing.assert_close(result, expected, rtol=0, atol=1e-13)


def test_a_bottleneck_reflects_at_the_border() -> None:
    torch.manual_seed(0)
    layer = Bottleneck(2)
    x = torch.randn(1, 2, 4, 5)
    hidden = F.conv2d(F.pad(F.relu6(layer.expand(x)), (1, 1, 1, 1), mode="reflect"), layer.depth.weight, groups=4)
    torch.testing.assert_close(layer(x), layer.project(hidden.clamp(0, 6)))


@pytest.mark.parametrize("layer", [InvertibleBlock(2), AffineNode(2), AffineNode(2, clamp=True)])
def test_gradients_of_couplings_are_right(layer: nn.Module) -> None:
    torch.manual_seed(1)
    halves = [torch.randn(1, 2, 3, 2, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(layer.double(), halves)


def _branch(config: CAIConfig) -> CAIBranch:
    torch.manual_seed(2)
    return CAIBranch(NetworkConfig(width=8, heads=2), config).double()


@pytest.fixture
def x() -> Tensor:
    return torch.randn(1, 8, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_both_directions_attend_to_the_original_halves(x: Tensor) -> None:
    branch = _branch(CAIConfig(inn=AffineConfig(blocks=0)))
    z1, z2 = branch.grdb(x).chunk(2, 1)
    assert branch.cross is not None
    expected = torch.cat([branch.cross(z2, z1), branch.cross(z1, z2)], dim=1)
    assert torch.equal(branch(x), expected)


def test_two_sets_of_weights_are_used_one_per_direction(x: Tensor) -> None:
    branch = _branch(CAIConfig(cross=CrossConfig(shared=False), inn=AffineConfig(blocks=0)))
    z1, z2 = branch.grdb(x).chunk(2, 1)
    assert branch.cross is not None
    assert branch.cross_back is not None
    assert torch.equal(branch(x), torch.cat([branch.cross(z2, z1), branch.cross_back(z1, z2)], dim=1))


def test_without_cross_attention_the_nodes_get_the_halves_in_turn(x: Tensor) -> None:
    branch = _branch(CAIConfig(grdb=False, cross=CrossConfig(enabled=False), inn=AffineConfig(blocks=3)))
    halves = x.chunk(2, 1)
    for name in ("inn", "inn2", "inn3"):
        halves = branch.get_submodule(name)(*halves)
    assert torch.equal(branch(x), torch.cat(halves, dim=1))


def test_fixed_sobel_filters_are_no_parameters_and_compute_the_same(x: Tensor) -> None:
    trained, fixed = _branch(CAIConfig()), _branch(CAIConfig(sobel_trainable=False))
    assert torch.equal(trained(x), fixed(x))
    gone = {name for name, _ in trained.named_parameters()} - {name for name, _ in fixed.named_parameters()}
    assert gone == {"grdb.sobel_x.weight", "grdb.sobel_y.weight"}
    assert trained.state_dict().keys() == fixed.state_dict().keys()


def test_the_dense_block_adds_gradient_magnitudes(x: Tensor) -> None:
    block = _branch(CAIConfig()).grdb
    for layer in (block.down, block.grad_point):
        nn.init.zeros_(layer.bias)
    nn.init.zeros_(block.down.weight)
    nn.init.dirac_(block.grad_point.weight)
    stem = F.leaky_relu(block.stem(x), 0.2)
    sobel = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]], dtype=torch.float64)
    kernels = torch.stack([sobel, sobel.T])[:, None]
    magnitudes = F.conv2d(stem.flatten(0, 1)[:, None], kernels, padding=1).abs().sum(1).view_as(stem)
    torch.testing.assert_close(block(x), magnitudes)


def test_the_fusion_layer_runs_its_blocks_in_turn(x: Tensor) -> None:
    torch.manual_seed(0)
    layer = InvertibleFusion(NetworkConfig(width=8, heads=2), InvertibleConfig()).double()
    halves = layer.grdb(x).chunk(2, 1)
    for name in ("inv0", "inv1"):
        halves = layer.get_submodule(name)(*halves)
    assert torch.equal(layer(x), torch.cat(halves, dim=1))
