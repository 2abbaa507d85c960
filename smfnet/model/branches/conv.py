"""Plain convolutions in the graph's slot: what the size alone of graph reasoning is worth."""

from __future__ import annotations

from torch import Tensor, nn

from assay.config.tables import Plain
from smfnet.config.model import NetworkConfig
from smfnet.model.branches.graph import GraphBranch, conv_bn_relu
from smfnet.model.layers.convolution import conv

__all__ = ["ConvBranch"]

DEPTH = 6


class ConvBranch(GraphBranch):
    """Six 3x3 convolutions and two of 1x1 per modality, without any exchange: as many parameters as GraphReasoning.

    Both have 60 width^2 + 14 width parameters per modality, graph reasoning one more. Features are non-negative.
    """

    def __init__(self, network: NetworkConfig, config: Plain) -> None:
        super().__init__(network.width)
        self.conv_i, self.conv_v = _stack(network.width), _stack(network.width)

    def features(self, ir: Tensor, vi: Tensor) -> tuple[Tensor, Tensor]:
        """From the shallow features of both modalities, (B, width, H, W), to the branch's, same shapes."""
        return self.conv_i(ir), self.conv_v(vi)


def _stack(width: int) -> nn.Sequential:
    return nn.Sequential(
        *(conv_bn_relu(width, width) for _ in range(DEPTH)),
        conv(1, width, 3 * width, bias=False),
        nn.ReLU(),
        conv(1, 3 * width, width, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )
