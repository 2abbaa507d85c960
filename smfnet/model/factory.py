"""The factory: from a ModelConfig to a network. Every slot has a table from a name to a builder."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import nn

from assay.config.tables import Slot
from smfnet.config.model import ModelConfig
from smfnet.model.branches.base import TransformerBranch
from smfnet.model.branches.conv import ConvBranch
from smfnet.model.branches.detail import CAIBranch
from smfnet.model.branches.graph import GraphBranch, GraphReasoning
from smfnet.model.combine import Concatenation, Sum
from smfnet.model.decoder import Decoder
from smfnet.model.encoder import Encoder
from smfnet.model.initialisation import initialise
from smfnet.model.layers.invertible import InvertibleFusion
from smfnet.model.layers.transformer import leff_block, msa_block
from smfnet.model.network import SMFNet

__all__ = ["BASE", "COMBINE", "DETAIL", "FUSION", "GRAPH", "build"]

Builder = Callable[[ModelConfig], nn.Module]

BASE: Slot[Builder] = Slot(
    "base.kind",
    {
        "transformer": lambda c: TransformerBranch(c.network.width, c.network.heads, c.base),
        "single_attention": lambda c: msa_block(c.network.width, c.network.heads, dense=c.base.msa_dense3x3),
    },
)
DETAIL: Slot[Builder] = Slot("detail.kind", {"cai": lambda c: CAIBranch(c.network.width, c.network.heads, c.detail)})
GRAPH: Slot[Callable[[ModelConfig], GraphBranch]] = Slot(
    "graph.kind",
    {
        "reasoning": lambda c: GraphReasoning(c.network.width, c.graph),
        "conv": lambda c: ConvBranch(c.network.width),
    },
)
COMBINE: Slot[Builder] = Slot(
    "fuse.combine",
    {
        "sum": lambda c: Sum(),
        "concat": lambda c: Concatenation(c.network.width, 3 if c.graph.enabled else 2),
    },
)
# Both are in every network; `fuse.swap` says which is where.
FUSION: Mapping[str, Builder] = {
    "transformer": lambda c: leff_block(c.network.width, c.network.heads),
    "invertible": lambda c: InvertibleFusion(
        c.network.width, c.fuse.blocks, grdb=c.fuse.grdb, sobel_trainable=c.detail.sobel_trainable
    ),
}


def build(config: ModelConfig, seed: int | None = None) -> SMFNet:
    """Make the network that the configuration describes, on the CPU in float32, in training mode.

    Args:
        config: width, heads, and what is in every slot.
        seed: decides the initial weights; parts of the same name are equal in every network of this seed. None is
            for a network whose weights are loaded afterwards: what they are until then is not defined.

    The state of the global random generators is as before.
    """
    with torch.random.fork_rng(devices=()), torch.device("cpu"):
        network = _network(config)
    if seed is not None:
        initialise(network, seed)
    return network


def _network(config: ModelConfig) -> SMFNet:
    width, heads = config.network.width, config.network.heads
    base, detail = BASE[config.base.kind](config), DETAIL[config.detail.kind](config)
    layers = ("invertible", "transformer") if config.fuse.swap else ("transformer", "invertible")
    base_fuse, detail_fuse = (FUSION[kind](config) for kind in layers)
    return SMFNet(
        enc=Encoder(width, heads, base, detail, swap_branches=config.network.swap_branches),
        dec=Decoder(width, heads, COMBINE[config.fuse.combine](config), image_skip=config.decoder.image_skip),
        graph=GRAPH[config.graph.kind](config) if config.graph.enabled else None,
        base_fuse=base_fuse,
        detail_fuse=detail_fuse,
    )
