"""Networks that are small, and whose every part is at work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch

from assay.config.changes import apply
from smfnet.config.model import ModelConfig
from smfnet.model import SMFNet, build

SMALL = {"network.width": 4, "network.heads": 2, "base.transformer.groups": 1, "base.transformer.pairs": 1}


def small_network(changes: Mapping[str, Any] | None = None) -> SMFNet:
    """With weights that are not those of the beginning, where messages and gates do nothing."""
    network = build(apply(ModelConfig(), SMALL | dict(changes or {})), seed=3).eval()
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for each in (*network.parameters(), *network.buffers()):
            if each.dtype == torch.float32 and each.numel() > 1:
                each += 0.2 * each.std() * torch.randn(each.shape, generator=generator)
        for name, each in network.named_parameters():
            if name.endswith("gamma"):
                each.fill_(0.4)
        for name, each in network.named_buffers():
            if name.endswith("running_var"):
                each.clamp_(min=0.5)
    return network


@pytest.fixture(scope="session")
def network() -> SMFNet:
    """The default parts."""
    return small_network()


@pytest.fixture(scope="session")
def other_network() -> Callable[[Mapping[str, Any]], SMFNet]:
    """Other parts."""
    return small_network
