"""Every slot's table, and every network that a row of the shipped suite asks for."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
import torch
from torch import Tensor

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.config.tables import SlotConfig, builder_named
from assay.experiment.suite import load_suite
from smfnet.config.model import ModelConfig
from smfnet.config.root import Config
from smfnet.config.slots import (
    BaseConfig,
    BaseFusionConfig,
    CombineConfig,
    DetailConfig,
    DetailFusionConfig,
    GraphConfig,
)
from smfnet.folders import ablations_folder
from smfnet.model import build
from smfnet.model.fusion_layers import InvertibleFusion
from smfnet.model.layers.transformer import TransformerBlock

NARROW = {"network.width": 8, "network.heads": 2}
# Switches that no row of table5 names.
FURTHER: dict[str, dict[str, Any]] = {
    "depthwise_msa": {"base.transformer.msa_dense3x3": False},
    "no_group_skip_but_tail": {"base.transformer.tail": "none"},
    "one_group_three_pairs": {"base.transformer.groups": 1, "base.transformer.pairs": 3},
    "layernorm": {"detail.cai.cross.layernorm": True},
    "two_sets": {"detail.cai.cross.shared": False},
    "no_node": {"detail.cai.inn.blocks": 0},
    "clamped_nodes": {"detail.cai.inn.blocks": 2, "detail.cai.inn.clamp": True},
    "fixed_sobel": {"detail.cai.sobel_trainable": False},
    "no_messages": {"graph.reasoning.cross_steps": 0, "graph.reasoning.iters": 0},
    "gamma": {"graph.reasoning.gamma_init": 0.1, "graph.reasoning.dilations": [1, 2, 3]},
    "deep_fusion": {"fuse.detail.invertible.blocks": 3},
    "concat": {"fuse.combine.kind": "concat"},
    "concat_without_graph": {"fuse.combine.kind": "concat", "graph.enabled": False, "loss.stage2.decomp_terms": ["D"]},
    "image_skip": {"decoder.image_skip": True},
}


ROWS = {variant.name: dict(variant.changes) for variant in load_suite("table5", ablations_folder()).variants} | FURTHER


def _networks() -> dict[str, ModelConfig]:
    """The different networks of the rows, by the first row that asks for each."""
    unique: dict[ModelConfig, str] = {}
    for name, changes in ROWS.items():
        unique.setdefault(apply(Config(), NARROW | changes).model, name)
    return {name: config for config, name in unique.items()}


NETWORKS = _networks()


def _untrained(config: ModelConfig) -> set[str]:
    """Parameters that may have a gradient of zero in the first step, and why."""
    if not config.graph.enabled or config.graph.kind != "reasoning":
        return set()
    idle = set()
    if config.graph.reasoning.iters == 0:  # no message is ever sent
        idle |= {"graph.msg_i", "graph.msg_v"}
    if config.graph.reasoning.cross_steps == 0:  # no exchange is ever made
        idle |= {"graph.edge_i_to_v", "graph.edge_v_to_i"}
    if config.graph.reasoning.gamma_init == 0:  # gate and GRU act through gamma alone
        idle |= {f"graph.msg_{m}.{layer}" for m in "iv" for layer in ("gate", "gru")}
    return idle


@pytest.mark.parametrize("name", NETWORKS)
def test_every_networks_contract(name: str) -> None:
    """It builds, takes any size, keeps shapes, and every parameter that a stage trains gets a finite gradient."""
    config = NETWORKS[name]
    ir, vi = torch.rand(2, 2, 1, 9, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    idle = tuple(_untrained(config))
    for stage in ("stage1", "stage2"):
        network = build(config, seed=5).double()
        result = getattr(network, stage)(ir, vi)
        assert result[0].shape == ir.shape
        assert all(feature is None or feature.shape == (2, 8, 9, 7) for feature in result[2:])
        _loss(result).backward()
        trained = {n: p for n, p in network.named_parameters() if stage == "stage2" or not _of_stage2(n)}
        for parameter, tensor in trained.items():
            if parameter.startswith(idle) and (tensor.grad is None or not tensor.grad.any()):
                continue
            assert tensor.grad is not None, parameter
            assert torch.isfinite(tensor.grad).all(), parameter
            assert tensor.grad.any(), parameter
        assert all(tensor.grad is None for n, tensor in network.named_parameters() if n not in trained)


def _of_stage2(name: str) -> bool:
    return name.startswith(("base_fuse.", "detail_fuse.", "graph.fuse."))


def _loss(result: tuple[Tensor | None, ...]) -> Tensor:
    return torch.stack([(each**3).mean() for each in result if each is not None]).sum()


@pytest.mark.parametrize("name", sorted(NETWORKS.keys() - {"both_stages_ccg"}))  # which is the network of Ours
@torch.no_grad()
def test_every_network_differs_from_ours(name: str) -> None:
    """In its parameters or in what it computes; gamma is not 0 here, so that messages count."""
    base = NARROW | {"graph.reasoning.gamma_init": 0.5}
    ours, other = (build(apply(Config(), base | changes).model, seed=5) for changes in ({}, ROWS[name]))
    ir, vi = torch.rand(2, 2, 1, 9, 7, generator=torch.Generator().manual_seed(3))
    parameters = [[name for name, _ in network.named_parameters()] for network in (ours, other)]
    assert parameters[0] != parameters[1] or not torch.equal(ours.fuse(ir, vi), other.fuse(ir, vi))


SLOTS = {
    BaseConfig: {"transformer", "single_attention"},
    DetailConfig: {"cai"},
    GraphConfig: {"reasoning", "conv"},
    BaseFusionConfig: {"transformer", "invertible"},
    DetailFusionConfig: {"transformer", "invertible"},
    CombineConfig: {"sum", "concat"},
}


@pytest.mark.parametrize("slot", SLOTS)
def test_the_choices_of_a_kind_are_the_entries_of_the_slots_table(slot: type[SlotConfig]) -> None:
    entries = {item.name: item for item in fields(slot) if "builder" in item.metadata}
    kind = next(item for item in fields(slot) if item.name == "kind")
    assert set(kind.metadata["choices"]) == entries.keys() == SLOTS[slot]
    assert "(B, C, H, W)" in (slot.__doc__ or "")
    with pytest.raises(UserError, match=rf"^{slot.prefix}\.kind: expected one of {kind.default}.*; got 'mine'$"):
        slot(kind="mine")
    for name in entries:
        assert callable(builder_named(entries[name].metadata["builder"], name))


@pytest.mark.parametrize("where", ["fuse.base", "fuse.detail"])
@pytest.mark.parametrize("kind", ["transformer", "invertible"])
def test_each_fusion_layer_is_of_the_kind_that_is_chosen(where: str, kind: str) -> None:
    network = build(apply(Config(), NARROW | {f"{where}.kind": kind}).model, seed=0)
    layers = {"fuse.base": network.base_fuse, "fuse.detail": network.detail_fuse}
    made = {"transformer": TransformerBlock, "invertible": InvertibleFusion}
    assert type(layers[where]) is made[kind]


def test_swapping_is_exchanging_the_kinds_of_both_fusion_layers_with_their_values() -> None:
    values = {"blocks": 3, "grdb": False}
    of_detail = {f"fuse.detail.invertible.{name}": value for name, value in values.items()}
    of_base = {f"fuse.base.invertible.{name}": value for name, value in values.items()}
    kinds = {"fuse.base.kind": "invertible", "fuse.detail.kind": "transformer"}
    swapped, named = (
        build(apply(Config(), NARROW | changes).model, seed=5)
        for changes in ({"fuse.swap": True} | of_detail, kinds | of_base)
    )
    assert swapped.state_dict().keys() == named.state_dict().keys()
    assert all(torch.equal(one, named.state_dict()[name]) for name, one in swapped.state_dict().items())
    image = torch.rand(1, 1, 5, 6)
    assert torch.equal(swapped.fuse(image, image), named.fuse(image, image))


def test_without_fusion_layers_everything_else_is_as_with_them(narrow: ModelConfig) -> None:
    whole, without = build(narrow, seed=5).state_dict(), build(narrow, seed=5, fusion=False).state_dict()
    assert without.keys() == {name for name in whole if not name.startswith(("base_fuse.", "detail_fuse."))}
    assert all(torch.equal(tensor, whole[name]) for name, tensor in without.items())
