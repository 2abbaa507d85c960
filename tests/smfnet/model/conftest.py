"""A narrow network and small images."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from smfnet.config.model import ModelConfig, NetworkConfig


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Networks this small are slower on two threads than on one."""
    torch.set_num_threads(1)


NARROW = NetworkConfig(width=8, heads=2)


@pytest.fixture
def narrow() -> ModelConfig:
    """The whole network, 8 channels wide with 2 heads."""
    return ModelConfig(network=NARROW)


@pytest.fixture
def pair() -> tuple[Tensor, Tensor]:
    """Infrared and visible images in [0, 1], (2, 1, 10, 13), float64."""
    generator = torch.Generator().manual_seed(7)
    ir, vi = torch.rand(2, 2, 1, 10, 13, generator=generator, dtype=torch.float64)
    return ir, vi
