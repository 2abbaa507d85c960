"""Graph reasoning against its formulas, written out node by node."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from assay.config.tables import Plain
from smfnet.config.kinds import ReasoningConfig
from smfnet.config.model import NetworkConfig
from smfnet.model.branches.conv import ConvBranch
from smfnet.model.branches.graph import GraphReasoning
from smfnet.model.layers.message import ConvGRU, MessagePassing

WIDTH = 4
NETWORK = NetworkConfig(width=WIDTH, heads=1)


def _messages(gate_layout: str, gamma_init: float = 0.5, iters: int = 2) -> MessagePassing:
    torch.manual_seed(0)
    return MessagePassing(WIDTH, iters, gate_layout, gamma_init).double()


@pytest.fixture
def nodes() -> list[Tensor]:
    """Three nodes, (2, WIDTH, 3, 5) each."""
    return list(torch.randn(3, 2, WIDTH, 3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1)))


def _written_out(layer: MessagePassing, nodes: list[Tensor], interleaved: bool) -> list[Tensor]:
    for _ in range(layer.iters):
        new = []
        for n, (o1, o2) in enumerate(((1, 2), (0, 2), (0, 1))):
            node, first, second = nodes[n], nodes[o1], nodes[o2]
            gates = torch.sigmoid(layer.gate(torch.cat([node - first, node - second], dim=1)))
            # interleaved: channel c of both neighbours in a row gets gate c mod 2
            spread = gates.repeat(1, WIDTH, 1, 1) if interleaved else gates.repeat_interleave(WIDTH, dim=1)
            first, second = (torch.cat([first, second], dim=1) * spread).chunk(2, dim=1)
            new.append(node + layer.gamma * layer.gru(first + second, node))
        nodes = new
    return nodes


@pytest.mark.parametrize("gate_layout", ["interleaved", "per_neighbour"])
def test_messages_equal_their_formula(nodes: list[Tensor], gate_layout: str) -> None:
    layer = _messages(gate_layout)
    expected = torch.cat(_written_out(layer, nodes, gate_layout == "interleaved"))
    torch.testing.assert_close(layer(torch.cat(nodes)), expected, rtol=0, atol=1e-13)


def test_the_gate_layouts_differ(nodes: list[Tensor]) -> None:
    one, other = (_messages(layout)(torch.cat(nodes)) for layout in ("interleaved", "per_neighbour"))
    assert (one - other).abs().max() > 1e-3


def test_with_gamma_zero_nodes_stay_and_only_gamma_gets_a_gradient(nodes: list[Tensor]) -> None:
    layer = _messages("per_neighbour", gamma_init=0.0)
    moved = layer(torch.cat(nodes))
    assert torch.equal(moved, torch.cat(nodes))
    moved.square().sum().backward()
    moving = {
        name for name, parameter in layer.named_parameters() if parameter.grad is not None and parameter.grad.any()
    }
    assert moving == {"gamma"}


def test_the_gru_blends_the_old_state_with_the_candidate(nodes: list[Tensor]) -> None:
    torch.manual_seed(0)
    gru = ConvGRU(WIDTH).double()
    message, hidden, _ = nodes
    reset, update = torch.sigmoid(gru.gates(torch.cat([message, hidden], dim=1))).chunk(2, dim=1)
    candidate = torch.tanh(gru.cand(torch.cat([message, reset * hidden], dim=1)))
    torch.testing.assert_close(gru(message, hidden), (1 - update) * hidden + update * candidate)


def test_gradients_of_message_passing_are_right() -> None:
    layer = _messages("interleaved", iters=1)
    nodes = torch.randn(3, WIDTH, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, nodes)


def test_modalities_exchange_from_old_values_at_every_scale() -> None:
    torch.manual_seed(0)
    graph = GraphReasoning(NETWORK, ReasoningConfig(dilations=(1, 2, 3))).double().eval()
    ir, vi = torch.randn(2, 2, WIDTH, 5, 4, dtype=torch.float64)
    i_nodes, v_nodes = [node(ir) for node in graph.node_i], [node(vi) for node in graph.node_v]
    for scale in range(3):
        for _ in range(2):
            i, v = i_nodes[scale], v_nodes[scale]
            v_nodes[scale] = v + i * torch.sigmoid(graph.edge_i_to_v(i - v))
            i_nodes[scale] = i + v * torch.sigmoid(graph.edge_v_to_i(v - i))
    expected_ir, expected_vi = graph.merge_i(torch.cat(i_nodes, dim=1)), graph.merge_v(torch.cat(v_nodes, dim=1))
    features = graph(ir, vi, fuse=True)  # gamma is 0: messages within a modality do nothing yet
    torch.testing.assert_close(features.ir, expected_ir, rtol=0, atol=1e-13)
    torch.testing.assert_close(features.vi, expected_vi, rtol=0, atol=1e-13)
    assert features.fused is not None
    torch.testing.assert_close(features.fused, graph.fuse(torch.cat([expected_ir, expected_vi], dim=1)))
    assert features.ir.min() >= 0


def test_nodes_look_as_far_as_their_dilation() -> None:
    graph = GraphReasoning(NETWORK, ReasoningConfig())
    for node, dilation in zip(graph.node_v, (4, 8, 16), strict=True):
        impulse = torch.zeros(1, WIDTH, 41, 41)
        impulse[..., 20, 20] = 1
        seen = node.conv(impulse)[0].abs().sum(0).nonzero()
        assert set(seen.flatten().tolist()) == {20 - dilation, 20, 20 + dilation}


@pytest.mark.parametrize("width", [8, 64])
def test_the_plain_convolutions_are_as_large_as_graph_reasoning(width: int) -> None:
    network = NetworkConfig(width=width, heads=1)
    sizes = [
        sum(parameter.numel() for parameter in branch.parameters())
        for branch in (GraphReasoning(network, ReasoningConfig()), ConvBranch(network, Plain()))
    ]
    assert sizes[0] - sizes[1] == 2


def test_the_plain_convolutions_pass_nothing_between_the_modalities() -> None:
    torch.manual_seed(0)
    branch = ConvBranch(NETWORK, Plain())
    ir, vi = torch.randn(2, 2, WIDTH, 5, 4)
    one, other = branch(ir, vi, fuse=False), branch(ir, torch.zeros_like(vi), fuse=False)
    assert torch.equal(one.ir, other.ir)
    assert one.fused is None
    assert one.vi.min() >= 0
