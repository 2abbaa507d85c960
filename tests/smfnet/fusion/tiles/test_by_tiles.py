"""Tiles give the image that one pass gives, whatever their size and wherever the rest of the image lies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from assay.config.errors import UserError
from smfnet.fusion.tiles.by_tiles import fuse_by_tiles, tile_bytes
from smfnet.fusion.tiles.levels import Levels
from smfnet.fusion.traced import traced
from smfnet.model import SMFNet

Fuse = Callable[[Tensor, Tensor], Tensor]
ROUNDING = 2e-6


@pytest.fixture(scope="module")
def levels(network: SMFNet) -> Levels:
    return Levels(traced(network.fuse))


def _images(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Of which no part has the statistics of another."""
    generator = torch.Generator().manual_seed(height * width)
    ramp = torch.linspace(0, 1, width).expand(1, 1, height, width)
    noise = torch.rand(2, 1, height, width, generator=generator)
    return ramp * noise[:1], (1 - ramp) ** 2 * noise[1:]


def _largest(
    levels: Levels, fuse: Callable[[Tensor, Tensor], Tensor], size: tuple[int, int], side: int, room: float
) -> float:
    images = _images(*size)
    with torch.inference_mode():
        return float((fuse_by_tiles(levels, *images, side, room) - fuse(*images)).abs().max())


@pytest.mark.parametrize("side", [16, 23, 48, 500])
@pytest.mark.parametrize("room", [math.inf, 0], ids=["in memory", "in files"])
def test_tiles_of_any_side_give_the_whole_image(network: SMFNet, levels: Levels, side: int, room: float) -> None:
    assert _largest(levels, network.fuse, (61, 75), side, room) < ROUNDING


@pytest.mark.parametrize("size", [(2, 2), (2, 90), (90, 3), (17, 16)])
def test_odd_shapes_have_no_edges_but_their_own(network: SMFNet, levels: Levels, size: tuple[int, int]) -> None:
    assert _largest(levels, network.fuse, size, 16, 1e4) < ROUNDING


def test_a_tile_by_itself_would_be_far_off(network: SMFNet) -> None:
    ir, vi = _images(64, 128)
    with torch.inference_mode():
        whole, half = network.fuse(ir, vi), network.fuse(ir[..., :64].contiguous(), vi[..., :64].contiguous())
    assert (whole[..., :32] - half[..., :32]).abs().max() > 1000 * ROUNDING  # far from the cut: its attention differs


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"graph.enabled": False},
        {"graph.kind": "conv", "fuse.swap": True},
        {"detail.cai.cross.enabled": False, "graph.reasoning.gate_layout": "interleaved"},
        {"base.kind": "single_attention", "fuse.combine.kind": "concat", "decoder.image_skip": True},
        {"detail.cai.cross.layernorm": True, "detail.cai.cross.shared": False, "detail.cai.inn.blocks": 2},
        {"base.transformer.residual": False, "base.transformer.tail": "none", "base.transformer.blocks": "leff"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_networks_of_other_parts_too(
    other_network: Callable[[Mapping[str, Any]], SMFNet], changes: Mapping[str, Any]
) -> None:
    network = other_network(changes)
    assert _largest(Levels(traced(network.fuse)), network.fuse, (50, 70), 24, 0) < ROUNDING


def test_rules_are_done_by_tiles_too() -> None:
    assert _largest(Levels(traced(torch.maximum)), torch.maximum, (40, 50), 16, 0) == 0


def test_shares_of_the_work_add_up(levels: Levels) -> None:
    shares: list[float] = []
    with torch.inference_mode():
        fuse_by_tiles(levels, *_images(40, 40), 16, math.inf, shares.append)
    assert sum(shares) == pytest.approx(1)
    assert len(shares) == 9 * len(levels.levels)


def test_the_memory_of_a_tile_grows_with_its_area(levels: Levels) -> None:
    needed = tile_bytes(levels)
    assert needed(64) < needed(128) < needed(256)
    assert needed(1024) / needed(512) == pytest.approx(4, rel=0.2)


class _Own(nn.Module):
    """A component of somebody's own."""

    def __init__(self, way: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.way = way
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, ir: Tensor, vi: Tensor) -> Tensor:
        return self.fuse(ir, vi)

    def fuse(self, ir: Tensor, vi: Tensor) -> Tensor:
        return self.scale * (self.way(ir) + vi) / 2


def test_a_mean_over_the_image_is_that_of_the_whole() -> None:
    network = _Own(lambda image: image - image.mean((2, 3), keepdim=True) * image.sum((2, 3), keepdim=True)).eval()
    assert _largest(Levels(traced(network.fuse)), network.fuse, (45, 52), 16, 0) < 1e-4


@pytest.mark.parametrize(
    "way",
    [
        lambda image: image - image.amax((2, 3), keepdim=True),
        lambda image: torch.softmax(image, dim=3),
        lambda image: torch.nn.functional.interpolate(image[..., ::2, ::2], size=image.shape[2:]),
        lambda image: image.flip(3),
        lambda image: image.cumsum(2),
        lambda image: image - image.mean(3, keepdim=True),
        lambda image: torch.nn.functional.layer_norm(image, image.shape[2:]),
    ],
    ids=["maximum", "softmax", "resolution", "mirror", "running sum", "mean of a row", "norm"],
)
def test_what_cannot_be_done_by_tiles_is_one_line(way: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(UserError, match=r"tile by tile|by tiles|for any size") as raised:
        Levels(traced(_Own(way).eval().fuse))
    assert "\n" not in str(raised.value)
