"""An image is taken whole where that fits, else in tiles; what is too little is told with what would do."""

from __future__ import annotations

import functools

import pytest
import torch

from assay.config.errors import UserError
from smfnet.fusion.tiles import bounded
from smfnet.fusion.tiles.bounded import Bounded, Limits, limits_of
from smfnet.model import SMFNet

_traced = functools.cache(bounded.traced)  # takes seconds
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process takes for its tests is no matter."""
    monkeypatch.setattr(bounded, "held", lambda: 0)
    monkeypatch.setattr(bounded, "traced", _traced)


def test_a_limit_decides_between_one_pass_and_tiles(network: SMFNet) -> None:
    def side(memory: int) -> int | None:
        return Bounded(network.fuse, CPU, Limits(memory)).side(600, 800)

    assert side(8 << 30) is None
    large, small = side(400 << 20), side(100 << 20)
    assert large is not None
    assert small is not None
    assert large > small


def test_tiles_that_are_asked_for_are_taken(network: SMFNet) -> None:
    fuse = Bounded(network.fuse, CPU, limits_of("8GiB", 16))
    images = torch.rand(2, 1, 1, 30, 40).unbind()
    shares: list[float] = []
    with torch.inference_mode():
        assert (fuse(*images, shares.append) - network.fuse(*images)).abs().max() < 2e-6
    assert len(shares) > 6
    assert sum(shares) == pytest.approx(1)


def test_too_little_memory_says_how_much_would_do(network: SMFNet) -> None:
    with pytest.raises(UserError, match=r"800x600 pixels need .* MiB as a whole, and tile by tile .* MiB: give --mem"):
        Bounded(network.fuse, CPU, Limits(1 << 20), "--memory").side(600, 800)


def test_tiles_of_no_size_are_refused() -> None:
    with pytest.raises(UserError, match="--tile: expected a side of at least 16 pixels; got 0"):
        limits_of(None, 0, ("--memory", "--tile"))
