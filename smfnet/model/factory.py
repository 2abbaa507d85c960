"""The factory: from a ModelConfig to a network. What can be in a slot is in its table, see `smfnet.config.slots`."""

from __future__ import annotations

import torch
from torch import nn

from smfnet.config.model import ModelConfig
from smfnet.model.decoder import Decoder
from smfnet.model.encoder import Encoder
from smfnet.model.initialisation import initialise
from smfnet.model.network import SMFNet

__all__ = ["build"]


def build(config: ModelConfig, seed: int | None = None, *, fusion: bool = True) -> SMFNet:
    """Make the network that the configuration describes, on the CPU in float32, in training mode.

    Args:
        config: width, heads, and what is in every slot.
        seed: decides the initial weights; parts of the same name are equal in every network of this seed. None is
            for a network whose weights are loaded afterwards: what they are until then is not defined.
        fusion: with fusion layers; stage I has none, and nothing is said of them in its configuration.

    The state of the global random generators is as before.

    Raises:
        UserError: what the table of a slot names cannot be imported.
    """
    with torch.random.fork_rng(devices=()), torch.device("cpu"):
        network = _network(config, fusion)
    if seed is not None:
        initialise(network, seed)
    return network


def _network(config: ModelConfig, fusion: bool) -> SMFNet:
    shared, graph = config.network, config.graph
    width, heads = shared.width, shared.heads
    base, detail = config.base.build(shared), config.detail.build(shared)
    combine = config.fuse.combine.build(shared, inputs=3 if graph.enabled else 2)
    base_fuse, detail_fuse = _fusion_layers(config) if fusion else (nn.Identity(), nn.Identity())
    return SMFNet(
        enc=Encoder(width, heads, base, detail, swap_branches=shared.swap_branches),
        dec=Decoder(width, heads, combine, image_skip=config.decoder.image_skip, least=config.decoder.least),
        graph=graph.build(shared) if graph.enabled else None,
        base_fuse=base_fuse,
        detail_fuse=detail_fuse,
    )


def _fusion_layers(config: ModelConfig) -> tuple[nn.Module, nn.Module]:
    """Of the base and of the detail features."""
    base, detail = (slot.build(config.network) for slot in (config.fuse.base, config.fuse.detail))
    return (detail, base) if config.fuse.swap else (base, detail)
