"""The two ways through the network: shapes, what runs, what is trained, what it counts."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from assay.config.errors import UserError
from smfnet.config.kinds import ReasoningConfig
from smfnet.config.model import DecoderConfig, ModelConfig, NetworkConfig
from smfnet.config.slots import FuseConfig, GraphConfig
from smfnet.model import SMFNet, build

Pair = tuple[Tensor, Tensor]

FULL, STAGE1 = 2_650_098, 2_403_498


def _count(parameters: object) -> int:
    return sum(parameter.numel() for parameter in parameters)  # type: ignore[attr-defined]


def test_the_full_network_has_as_many_parameters_as_the_live_part_of_the_release() -> None:
    network = build(ModelConfig())
    parts = network.parts()
    assert list(parts) == ["enc", "dec", "graph", "base_fuse", "detail_fuse"]
    assert {name: _count(part.parameters()) for name, part in parts.items()} == {
        "enc": 1_859_664,
        "dec": 50_520,
        "graph": 501_570,
        "base_fuse": 27_336,
        "detail_fuse": 211_008,
    }
    assert _count(network.parameters()) == FULL


def test_stage_one_trains_exactly_what_it_uses() -> None:
    network = build(ModelConfig(), seed=0)
    images = torch.rand(2, 1, 1, 4, 4)
    result = network.stage1(*images)
    torch.stack([feature.square().mean() for feature in result if feature is not None]).sum().backward()
    assert _count(parameter for parameter in network.parameters() if parameter.grad is not None) == STAGE1


@pytest.mark.shared
def test_tensors_have_the_names_and_shapes_of_the_reference(formula_weights: dict[str, Tensor]) -> None:
    ours = {name: tensor.shape for name, tensor in build(ModelConfig()).state_dict().items()}
    counters = {name for name in ours if name.endswith("num_batches_tracked")}
    assert {name: shape for name, shape in ours.items() if name not in counters} == {
        name: tensor.shape for name, tensor in formula_weights.items()
    }
    assert len(counters) == 8


@settings(max_examples=12, deadline=None)
@given(height=st.integers(2, 21), width=st.integers(2, 21), batch=st.integers(1, 3), dtype=st.sampled_from([32, 64]))
def test_images_of_any_size_keep_it(height: int, width: int, batch: int, dtype: int) -> None:
    torch_dtype = torch.float64 if dtype == 64 else torch.float32
    network = build(ModelConfig(network=NetworkConfig(width=4, heads=1)), seed=0).to(torch_dtype)
    ir, vi = torch.rand(2, batch, 1, height, width, dtype=torch_dtype)
    for image in (network.fuse(ir, vi), *network.reconstruct(ir, vi)):
        assert image.shape == ir.shape
        assert image.dtype == torch_dtype
        assert image.min() > 0
        assert image.max() < 1


@pytest.mark.parametrize(
    ("ir", "vi"),
    [((1, 1, 8, 8), (1, 1, 8, 9)), ((1, 3, 8, 8), (1, 3, 8, 8)), ((1, 8, 8), (1, 8, 8)), ((1, 1, 1, 8), (1, 1, 1, 8))],
)
def test_unfit_images_are_refused_by_name(narrow: ModelConfig, ir: tuple[int, ...], vi: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"expected two batches of grey images .* got ir \(1, "):
        build(narrow).fuse(torch.rand(ir), torch.rand(vi))


def test_both_modalities_as_one_batch_equal_each_alone(narrow: ModelConfig, pair: Pair) -> None:
    network = build(narrow, seed=1).double()
    together = network.enc(torch.cat(pair))
    for feature, ir, vi in zip(together, network.enc(pair[0]), network.enc(pair[1]), strict=True):
        torch.testing.assert_close(feature, torch.cat([ir, vi]), rtol=0, atol=1e-12)


def test_the_order_of_modalities_matters_in_the_graph_only(narrow: ModelConfig, pair: Pair) -> None:
    network = build(narrow, seed=1).double()
    there, back = network.stage2(*pair), network.stage2(*reversed(pair))
    torch.testing.assert_close(there.base_ir, back.base_vi, rtol=0, atol=1e-12)
    torch.testing.assert_close(there.detail_vi, back.detail_ir, rtol=0, atol=1e-12)
    assert there.graph_ir is not None
    assert back.graph_vi is not None
    assert (there.graph_ir - back.graph_vi).abs().max() > 1e-3


def test_stage_one_runs_neither_fusion_layers_nor_fused_head(narrow: ModelConfig, pair: Pair) -> None:
    network = build(narrow).double()
    ran = _record(network)
    network.reconstruct(*pair)
    assert {"enc", "dec", "graph"} <= set(ran)
    assert not {"base_fuse", "detail_fuse", "graph.fuse"} & set(ran)
    network.fuse(*pair)
    assert {"base_fuse", "detail_fuse", "graph.fuse"} <= set(ran)


def _record(network: nn.Module) -> list[str]:
    """Names of the modules that run from now on."""
    ran: list[str] = []
    for name, module in network.named_modules():
        module.register_forward_hook(lambda _, inputs, output, name=name: ran.append(name))
    return ran


def test_without_graph_its_features_and_its_part_are_missing(narrow: ModelConfig, pair: Pair) -> None:
    network = build(replace(narrow, graph=GraphConfig(enabled=False)), seed=0).double()
    assert "graph" not in network.parts()
    for result in (network.stage1(*pair), network.stage2(*pair)):
        assert result.graph_ir is None
        assert result.graph_vi is None


def test_the_decoder_gets_the_sum_of_what_is_there(narrow: ModelConfig, pair: Pair) -> None:
    network = build(narrow, seed=0).double()
    result = network.stage1(*pair)
    assert result.graph_ir is not None
    expected = network.dec([result.base_ir + result.detail_ir + result.graph_ir], pair[0])
    torch.testing.assert_close(result.ir_hat, expected, rtol=0, atol=1e-12)


def test_swapping_exchanges_the_fusion_layers_under_the_same_names(narrow: ModelConfig) -> None:
    ours = build(narrow).parts()
    swapped = build(replace(narrow, fuse=FuseConfig(swap=True))).parts()
    assert list(swapped) == list(ours)
    assert type(swapped["base_fuse"]) is type(ours["detail_fuse"])
    assert type(swapped["detail_fuse"]) is type(ours["base_fuse"])


def test_swapping_the_branches_exchanges_their_features(narrow: ModelConfig, pair: Pair) -> None:
    ours = build(narrow, seed=0).double().stage1(*pair)
    swapped = build(replace(narrow, network=replace(narrow.network, swap_branches=True)), seed=0).double().stage1(*pair)
    assert torch.equal(swapped.base_ir, ours.detail_ir)
    assert torch.equal(swapped.detail_vi, ours.base_vi)


@torch.no_grad()
def test_the_image_skip_adds_the_visible_image_to_the_fused_one_and_each_to_its_reconstruction(
    narrow: ModelConfig, pair: Pair
) -> None:
    plain = build(narrow, seed=0).double()
    skipping = build(replace(narrow, decoder=DecoderConfig(image_skip=True)), seed=0).double()
    ir, vi = pair
    torch.testing.assert_close(skipping.fuse(ir, vi), torch.sigmoid(torch.logit(plain.fuse(ir, vi)) + vi))
    for with_skip, without, image in zip(
        skipping.reconstruct(ir, vi), plain.reconstruct(ir, vi), (ir, vi), strict=True
    ):
        torch.testing.assert_close(with_skip, torch.sigmoid(torch.logit(without) + image))


def test_calling_the_network_fuses(narrow: ModelConfig, pair: Pair) -> None:
    network = build(narrow, seed=0).double().eval()
    assert torch.equal(network(*pair), network.fuse(*pair))


def test_the_memory_format_of_the_images_does_not_matter(narrow: ModelConfig) -> None:
    network = build(narrow, seed=0)
    ir, vi = torch.rand(2, 2, 1, 9, 12)
    last = network.fuse(*(image.contiguous(memory_format=torch.channels_last) for image in (ir, vi)))
    assert torch.equal(last, network.fuse(ir, vi))


def test_bf16_autocast_trains(narrow: ModelConfig) -> None:
    network = build(replace(narrow, graph=GraphConfig(reasoning=ReasoningConfig(gamma_init=0.5))), seed=0)
    ir, vi = torch.rand(2, 2, 1, 9, 12)
    exact = network.fuse(ir, vi)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        fused, (ir_hat, _) = network.fuse(ir, vi), network.reconstruct(ir, vi)
    torch.testing.assert_close(fused.float(), exact, rtol=0, atol=0.02)
    (fused.float().mean() + ir_hat.float().mean()).backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters() if parameter.grad is not None)


def test_a_black_pair_has_finite_gradients(narrow: ModelConfig) -> None:
    network = build(narrow, seed=0)
    black = torch.zeros(1, 1, 6, 6)
    (network.fuse(black, black).mean() + network.stage1(black, black).vi_hat.mean()).backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters())


def test_a_network_can_be_copied(narrow: ModelConfig, pair: Pair) -> None:
    network: SMFNet = build(narrow, seed=0).double().eval()
    assert torch.equal(copy.deepcopy(network).fuse(*pair), network.fuse(*pair))
