"""Messages between the nodes of one modality (paper, section 2.2; eqs. 15 and 16)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["ConvGRU", "MessagePassing"]


class _GRUConv(nn.Conv2d):
    """A 1x1 convolution whose weights begin as N(0, 0.01^2)."""

    def reset_parameters(self) -> None:
        super().reset_parameters()
        nn.init.normal_(self.weight, std=0.01)


class ConvGRU(nn.Module):
    """Gated recurrent unit, pixel by pixel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gates = _GRUConv(2 * width, 2 * width, 1)
        self.cand = _GRUConv(2 * width, width, 1)

    def forward(self, message: Tensor, hidden: Tensor) -> Tensor:
        """Both (N, width, H, W), any range; gives the new hidden state, same shape."""
        gates = torch.sigmoid(self.gates(torch.cat([message, hidden], dim=1)))
        reset, update = gates.chunk(2, dim=1)
        candidate = torch.tanh(self.cand(torch.cat([message, reset * hidden], dim=1)))
        return hidden + update * (candidate - hidden)  # torch.lerp takes no mixture of dtypes, as autocast makes it


class MessagePassing(nn.Module):
    """Every node takes a gated message from its two neighbours and moves by gamma times the answer of a GRU.

    Args:
        width: channels of a node.
        iters: steps; all have the same weights.
        gate_layout: `per_neighbour`: gate k belongs to neighbour k (eq. 15). `interleaved`: over the channels of both
            neighbours in a row, even channels get the first gate and odd ones the second (the release).
        gamma_init: with 0 the nodes do not move at first, and gate and GRU get no gradient in the first step.
    """

    def __init__(self, width: int, iters: int, gate_layout: str, gamma_init: float) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((1,), float(gamma_init)))
        self.gate = nn.Conv2d(2 * width, 2, 1, groups=2, bias=False)
        self.gru = ConvGRU(width)
        self.iters = iters
        self.message = _interleaved if gate_layout == "interleaved" else _per_neighbour

    def forward(self, nodes: Tensor) -> Tensor:
        """Nodes of any range, the three of them one after the other: (3 B, width, H, W); gives the same shape."""
        for _ in range(self.iters):
            gates = self._gates(nodes)
            change = self.gru(self.message(_first(nodes), _second(nodes), *gates), nodes)
            nodes = nodes + self.gamma * change
        return nodes

    def _gates(self, nodes: Tensor) -> tuple[Tensor, Tensor]:
        """Gates of the messages from the first and the second neighbour, each (3 B, 1, H, W) in (0, 1).

        Before its sigmoid a gate is linear in node - neighbour: every node is projected once, and the projections are
        subtracted.
        """
        to_first, to_second = F.conv2d(nodes, self.gate.weight).chunk(2, dim=1)
        return torch.sigmoid(to_first - _first(to_first)), torch.sigmoid(to_second - _second(to_second))


def _first(nodes: Tensor) -> Tensor:
    """The first neighbour of each node: nodes 1, 0 and 0."""
    zero, one, _ = nodes.chunk(3)
    return torch.cat([one, zero, zero])


def _second(nodes: Tensor) -> Tensor:
    """The second neighbour of each node: nodes 2, 2 and 1."""
    _, one, two = nodes.chunk(3)
    return torch.cat([two, two, one])


def _per_neighbour(first: Tensor, second: Tensor, gate1: Tensor, gate2: Tensor) -> Tensor:
    return first * gate1 + second * gate2


def _interleaved(first: Tensor, second: Tensor, gate1: Tensor, gate2: Tensor) -> Tensor:
    pairs = (first + second).unflatten(1, (-1, 2))  # even and odd channels
    return (pairs * torch.stack([gate1, gate2], dim=2)).flatten(1, 2)
