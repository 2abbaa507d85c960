"""Every slot's table, and every network that a row of the shipped suite asks for."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from assay.config.changes import apply
from assay.experiment.suite import load_suite
from smfnet.config.model import BaseConfig, DetailConfig, FuseConfig, GraphConfig, ModelConfig
from smfnet.config.root import Config
from smfnet.folders import ablations_folder
from smfnet.model import build, factory

NARROW = {"network.width": 8, "network.heads": 2}
# Switches that no row of table5 names.
FURTHER: dict[str, dict[str, Any]] = {
    "depthwise_msa": {"base.msa_dense3x3": False},
    "no_group_skip_but_tail": {"base.tail": "none"},
    "one_group_three_pairs": {"base.groups": 1, "base.pairs": 3},
    "layernorm": {"detail.cross.layernorm": True},
    "two_sets": {"detail.cross.shared": False},
    "no_node": {"detail.inn.blocks": 0},
    "clamped_nodes": {"detail.inn.blocks": 2, "detail.inn.clamp": True},
    "fixed_sobel": {"detail.sobel_trainable": False},
    "no_messages": {"graph.cross_steps": 0, "graph.iters": 0},
    "gamma": {"graph.gamma_init": 0.1, "graph.dilations": [1, 2, 3]},
    "deep_fusion": {"fuse.blocks": 3},
    "concat": {"fuse.combine": "concat"},
    "concat_without_graph": {"fuse.combine": "concat", "graph.enabled": False, "loss.stage2.decomp_terms": ["D"]},
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
    if config.graph.iters == 0:  # no message is ever sent
        idle |= {"graph.msg_i", "graph.msg_v"}
    if config.graph.cross_steps == 0:  # no exchange is ever made
        idle |= {"graph.edge_i_to_v", "graph.edge_v_to_i"}
    if config.graph.gamma_init == 0:  # gate and GRU act through gamma alone
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
    base = NARROW | {"graph.gamma_init": 0.5}
    ours, other = (build(apply(Config(), base | changes).model, seed=5) for changes in ({}, ROWS[name]))
    ir, vi = torch.rand(2, 2, 1, 9, 7, generator=torch.Generator().manual_seed(3))
    parameters = [[name for name, _ in network.named_parameters()] for network in (ours, other)]
    assert parameters[0] != parameters[1] or not torch.equal(ours.fuse(ir, vi), other.fuse(ir, vi))


@pytest.mark.parametrize(
    ("table", "section", "name"),
    [
        (factory.BASE, BaseConfig, "kind"),
        (factory.DETAIL, DetailConfig, "kind"),
        (factory.GRAPH, GraphConfig, "kind"),
        (factory.COMBINE, FuseConfig, "combine"),
    ],
)
def test_a_slots_table_holds_exactly_the_choices_of_its_configuration(table: Any, section: Any, name: str) -> None:
    item = next(item for item in fields(section) if item.name == name)
    assert set(table) == set(item.metadata["choices"])
    assert item.default is not MISSING
    assert item.default in table


class _Halved(nn.Module):
    """Somebody's new base branch."""

    def forward(self, x: Tensor) -> Tensor:
        return x / 2


def test_one_entry_in_a_slots_table_puts_a_new_class_into_the_network(
    narrow: ModelConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "BASE", {**factory.BASE, narrow.base.kind: lambda config: _Halved()})
    network = build(narrow, seed=0)
    image = torch.rand(1, 1, 5, 6)
    shallow, base, _ = network.enc(image)
    assert torch.equal(base, shallow / 2)
    assert network.fuse(image, image).shape == image.shape
