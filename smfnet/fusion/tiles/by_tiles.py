"""An image tile by tile, with the same result as in one pass, up to rounding.

Every level of a network (see `levels`) is computed for all tiles before the next one begins: a tile with as many
pixels around it as the level's operations reach, of which the inner ones are kept. So no tile has an edge that the
image has not, and the sums over all pixels that attention needs are those of the whole image. There is nothing to
blend, as two tiles never give one pixel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.fx import Node
from torch.fx.node import map_arg

from smfnet.fusion.tiles.levels import Level, Levels
from smfnet.fusion.tiles.maps import Map, Shelf, Window, cropped, windows
from smfnet.fusion.tiles.memory import give_back, most_held
from smfnet.fusion.tiles.operations import is_mean, run

__all__ = ["fuse_by_tiles", "tile_bytes"]

Values = dict[Node, Any]
_PROBE = (24, 72)  # sides of tiles that tell what a pixel holds, and what a tile holds beside its pixels


def fuse_by_tiles(
    levels: Levels,
    ir: Tensor,
    vi: Tensor,
    side: int,
    room: float,
    moved: Callable[[float], None] = lambda share: None,
) -> Tensor:
    """The fused image, (1, 1, H, W), on the CPU.

    Args:
        levels: of the network.
        ir, vi: (1, 1, H, W) in [0, 1], H and W at least 2; on the device of the network or on the CPU.
        side: of a tile.
        room: bytes of memory for what is kept of the whole image; the rest of it goes to files.
        moved: called with the share of all work that has just been done.

    Raises:
        UserError: there is no room on the disk.
    """
    image = _Image(levels, ir, vi, room)
    total = sum(level.work for level in levels.levels) or 1
    tiles = windows(ir.shape[2], ir.shape[3], side)
    for level in levels.levels:
        image.begin(level)
        for tile in tiles:
            image.do(level, tile)
            moved(level.work / total / len(tiles))
        image.end(level)
    return image.result()


def tile_bytes(levels: Levels) -> Callable[[int], float]:
    """From the side of a tile to the most bytes of tensors that it holds at one time, images and kept ones aside."""
    lines = []
    small = {name: torch.empty_like(each, device="meta") for name, each in levels.constants.items()}
    for level in levels.levels:
        _compute_all(level.once, small)
        low, high = (most_held(partial(_on_meta, levels, level, small, side)) for side in _PROBE)
        slope = (high - low) / (_PROBE[1] ** 2 - _PROBE[0] ** 2)
        lines.append((level.halo, slope, max(low - slope * _PROBE[0] ** 2, 0)))
        small |= {node: torch.empty(*node.meta["val"].shape, device="meta") for node in level.sums}
    return lambda side: max(slope * (side + 2 * halo) ** 2 + fixed for halo, slope, fixed in lines)


def _on_meta(levels: Levels, level: Level, small: Values, side: int) -> None:
    values = dict(small)
    for node in level.loads:
        shelf = Shelf(side, side, math.inf)
        with torch.device("meta"):
            loaded = shelf.map(node.meta["val"], levels.pixels.axes(node))
        values[node] = loaded.read(Window(0, side, 0, side))
    _tile(levels, level, values, (side, side), lambda node, value: None)


class _Image:
    """The state of one image between tiles."""

    def __init__(self, levels: Levels, ir: Tensor, vi: Tensor, room: float) -> None:
        self._levels = levels
        self._height, self._width = ir.shape[2:]
        self._pixels = self._height * self._width
        self._shelf = Shelf(self._height, self._width, room)
        self._device = next((each.device for each in levels.constants.values()), ir.device)
        self._small: Values = dict(levels.constants)
        self._images = dict(zip(levels.images, (ir, vi), strict=True))
        self._maps: dict[Node, Map] = {}
        self._sums: dict[Node, Tensor] = {}

    def begin(self, level: Level) -> None:
        """What comes before the tiles."""
        _compute_all(level.once, self._small)
        self._sums = {}
        for node in level.keeps:
            self._maps[node] = self._shelf.map(node.meta["val"], self._levels.pixels.axes(node))

    def do(self, level: Level, tile: Window) -> None:
        """One tile."""
        outer = tile.grown(level.halo, self._height, self._width)
        inner = tile.within(outer)
        keeps = set(level.keeps)
        values = self._small | {node: self._cut(node, outer) for node in level.loads}

        def done(node: Node, value: Tensor) -> None:
            if node in level.sums:
                weight = math.prod(inner.sides) / self._pixels if is_mean(node) else 1
                self._sums[node] = self._sums.get(node, 0) + value.double() * weight
            elif node in keeps:
                self._maps[node].write(tile, _inner(self._levels, node, value, inner, outer.sides))

        _tile(self._levels, level, values, outer.sides, done, inner)
        for each in self._maps.values():
            each.let_go()
        give_back()

    def end(self, level: Level) -> None:
        """The sums are known."""
        for node, value in self._sums.items():
            self._small[node] = value.to(node.meta["val"].dtype)
        for node in level.drops:
            self._shelf.take_back(self._maps.pop(node))

    def result(self) -> Tensor:
        """The whole image."""
        whole = Window(0, self._height, 0, self._width)
        return self._maps[self._levels.result].read(whole).contiguous()

    def _cut(self, node: Node, part: Window) -> Tensor:
        if node in self._images:
            rows, columns = slice(part.top, part.bottom), slice(part.left, part.right)
            return self._images[node][:, :, rows, columns].to(self._device)
        return self._maps[node].read(part).to(self._device)


def _compute_all(nodes: tuple[Node, ...], values: Values) -> None:
    for node in nodes:
        values[node] = _computed(node, values)


def _tile(
    levels: Levels,
    level: Level,
    values: Values,
    sides: tuple[int, int],
    done: Callable[[Node, Tensor], None],
    inner: Window | None = None,
) -> None:
    """Carry out a level on a tile.

    Args:
        values: what it loads and small tensors; loses what is not needed any more.
        sides: of the tile.
        done: called with every tensor.
        inner: the part of which sums are taken; all of it if None.
    """
    values |= {
        node: math.prod(dict(zip("HW", sides, strict=True))[side] for side in name) for node, name in levels.sizes
    }
    for node in level.each:
        if node in level.sums and inner is not None:
            own = {each: _inner(levels, each, values[each], inner, sides) for each in node.all_input_nodes}
            value = _computed(node, own)
        else:
            value = _computed(node, values)
        values[node] = value
        done(node, value)
        for used in level.last_use.get(node, ()):
            values.pop(used, None)


def _inner(levels: Levels, node: Node, value: Tensor, inner: Window, sides: tuple[int, int]) -> Tensor:
    return cropped(value, levels.pixels.axes(node), inner, sides)


def _computed(node: Node, values: Values) -> Any:
    args, kwargs = map_arg((node.args, node.kwargs), values.__getitem__)
    return run(node, args, kwargs)
