"""Graph reasoning between and within the modalities (paper, section 2.2; eqs. 11 to 16)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from smfnet.config.kinds import ReasoningConfig
from smfnet.config.model import NetworkConfig
from smfnet.model.layers.convolution import conv
from smfnet.model.layers.message import MessagePassing

__all__ = ["GraphBranch", "GraphFeatures", "GraphReasoning", "conv_bn_relu"]


class GraphFeatures(NamedTuple):
    """Features of each modality and both fused, (B, width, H, W); `fused` is None unless it was asked for."""

    ir: Tensor
    vi: Tensor
    fused: Tensor | None


class GraphBranch(nn.Module):
    """What every branch in the graph's slot has: both modalities in, both out, and a fused head for stage II.

    A new branch gives `features`.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fuse = conv(1, 2 * width, width)

    def features(self, ir: Tensor, vi: Tensor) -> tuple[Tensor, Tensor]:
        """From the shallow features of both modalities, (B, width, H, W), to the branch's, same shapes."""
        raise NotImplementedError

    def forward(self, ir: Tensor, vi: Tensor, *, fuse: bool) -> GraphFeatures:
        """Shallow features, (B, width, H, W), any range; the head runs only with `fuse`."""
        ir, vi = self.features(ir, vi)
        return GraphFeatures(ir, vi, self.fuse(torch.cat([ir, vi], dim=1)) if fuse else None)


class GraphReasoning(GraphBranch):
    """Three nodes per modality, messages across the modalities and within them, and a merging convolution.

    Features are non-negative.
    """

    def __init__(self, network: NetworkConfig, config: ReasoningConfig) -> None:
        width = network.width
        super().__init__(width)
        self.node_i, self.node_v = _nodes(width, config.dilations), _nodes(width, config.dilations)
        messages = (width, config.iters, config.gate_layout, config.gamma_init)
        self.msg_i, self.msg_v = MessagePassing(*messages), MessagePassing(*messages)
        self.merge_i, self.merge_v = conv_bn_relu(3 * width, width), conv_bn_relu(3 * width, width)
        self.edge_i_to_v = conv(1, width, 1, bias=False)
        self.edge_v_to_i = conv(1, width, 1, bias=False)
        self.cross_steps = config.cross_steps

    def features(self, ir: Tensor, vi: Tensor) -> tuple[Tensor, Tensor]:
        """From the shallow features of both modalities, (B, width, H, W), to the branch's, same shapes."""
        i = torch.cat([node(ir) for node in self.node_i])
        v = torch.cat([node(vi) for node in self.node_v])
        for _ in range(self.cross_steps):
            i, v = self._exchange(i, v)
        i, v = self.msg_i(i), self.msg_v(v)
        return self.merge_i(torch.cat(i.chunk(3), dim=1)), self.merge_v(torch.cat(v.chunk(3), dim=1))

    def _exchange(self, i: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """One exchange at every scale, both directions from the old nodes; (3 B, width, H, W) each."""
        edges = torch.cat([self.edge_i_to_v.weight, -self.edge_v_to_i.weight])  # of i - v and of v - i
        to_v, to_i = torch.sigmoid(F.conv2d(i - v, edges)).chunk(2, dim=1)
        return i + v * to_i, v + i * to_v


def _nodes(width: int, dilations: Iterable[int]) -> nn.ModuleList:
    return nn.ModuleList(conv_bn_relu(width, width, dilation) for dilation in dilations)


def conv_bn_relu(inputs: int, outputs: int, dilation: int = 1) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU."""
    layers = {
        "conv": conv(3, inputs, outputs, bias=False, dilation=dilation),
        "bn": nn.BatchNorm2d(outputs),
        "act": nn.ReLU(),
    }
    return nn.Sequential(OrderedDict(layers))
