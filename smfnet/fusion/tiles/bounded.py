"""A network on an image of any size: whole where that fits into memory, tile by tile elsewhere."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import torch
from torch import Tensor, nn

from assay.config.errors import UserError
from smfnet.fusion.tiles.by_tiles import fuse_by_tiles, tile_bytes
from smfnet.fusion.tiles.levels import Levels
from smfnet.fusion.tiles.memory import bytes_of, free_memory, held, most_held, shown
from smfnet.fusion.traced import Fuse, traced

__all__ = ["SMALLEST_TILE", "Bounded", "Limits", "limits_of"]

Moved = Callable[[float], None]

SMALLEST_TILE = 16
_SIDES = (512, 448, 384, 320, 256, 192, 160, 128, 96, 64, 48, 32, SMALLEST_TILE)
_SHARE_OF_FREE = 0.75  # other programs need memory too
_BESIDE = 1.5  # what operations take beside their results, and what the allocator cannot give back
_BESIDE_TILE = 3  # the same of a tile, whose many tensors of a few MiB leave gaps
_PROBE = (48, 96)
_IMAGES_BYTES = 24  # a pixel of both sources, of the colour, and of the result


@dataclass(frozen=True)
class Limits:
    """What the user allows.

    Attributes:
        memory: bytes that the process, or of a GPU the network, may take in all; None: most of what is free.
        tile: side of the tiles that every image is cut into; None: none, where the whole image fits.
    """

    memory: int | None = None
    tile: int | None = None


def limits_of(memory: str | int | None, tile: int | None, keys: tuple[str, str] = ("memory", "tile")) -> Limits:
    """Limits as a user gives them: `4GiB`, and a side in pixels.

    Raises:
        UserError: they cannot be.
    """
    if tile is not None and tile < SMALLEST_TILE:
        raise UserError(f"{keys[1]}: expected a side of at least {SMALLEST_TILE} pixels; got {tile}")
    return Limits(bytes_of(str(memory), keys[0]) if memory is not None else None, tile)


class Bounded:
    """A way to fuse that keeps to a limit of memory.

    Args:
        fuse: from infrared and visible, (1, 1, H, W) in [0, 1], to the fused image; of a network its `fuse`.
        device: where `fuse` runs.
        limits: what is allowed.
        key: how the user gives the memory, for messages.
    """

    def __init__(self, fuse: Fuse, device: torch.device, limits: Limits, key: str = "memory") -> None:
        self._fuse, self._device, self._limits, self._key = fuse, device, limits, key

    def __call__(self, ir: Tensor, vi: Tensor, moved: Moved = lambda share: None) -> Tensor:
        """The fused image, (1, 1, H, W).

        Args:
            ir, vi: (1, 1, H, W) in [0, 1].
            moved: called with the share of the work that has just been done; the shares add up to 1.

        Raises:
            UserError: the limit is too low, the network cannot be computed tile by tile, or a disk is full.
        """
        side = self.side(ir.shape[2], ir.shape[3])
        if side is None:
            fused = self._fuse(ir, vi)
            moved(1)
            return fused
        tile = self._tile_bytes(side) * _BESIDE_TILE  # first: tracing takes memory itself
        room = self._room() if self._device.type != "cuda" else _SHARE_OF_FREE * free_memory(torch.device("cpu"))
        return fuse_by_tiles(self._levels, ir, vi, side, room - tile - _IMAGES_BYTES * ir.numel(), moved)

    def side(self, height: int, width: int) -> int | None:
        """Of the tiles that an image is cut into; None where it is taken whole.

        Raises:
            UserError: see above.
        """
        if self._limits.tile is not None:
            return self._limits.tile
        images = _IMAGES_BYTES * height * width
        whole = self._pixel_bytes * height * width * _BESIDE
        if whole + images <= self._room():
            return None
        bytes_of_tile = self._tile_bytes  # first, as above
        room = self._room() - images
        side = next((side for side in _SIDES if bytes_of_tile(side) * _BESIDE_TILE <= room / 2), None)
        if side is None:
            least = bytes_of_tile(SMALLEST_TILE) * _BESIDE_TILE * 2 + images + held()
            raise UserError(
                f"{width}x{height} pixels need {shown(whole + images)} as a whole, and tile by tile "
                f"{shown(1.1 * least)}: give {self._key} of at least that"
            )
        return side

    def _room(self) -> float:
        """Bytes that may still be taken."""
        memory = self._limits.memory
        if memory is None:
            return _SHARE_OF_FREE * free_memory(self._device)
        return memory - (held() if self._device.type != "cuda" else 0)

    @cached_property
    def _levels(self) -> Levels:
        return Levels(traced(self._fuse))

    @cached_property
    def _tile_bytes(self) -> Callable[[int], float]:
        return tile_bytes(self._levels)

    @cached_property
    def _pixel_bytes(self) -> float:
        """Most bytes of tensors a pixel of a whole image."""
        network = getattr(self._fuse, "__self__", None)
        fuse = self._fuse
        if isinstance(network, nn.Module):
            fuse = getattr(copy.deepcopy(network).to("meta"), fuse.__name__)
        low, high = (most_held(partial(fuse, *_images(side))) for side in _PROBE)
        return (high - low) / (_PROBE[1] ** 2 - _PROBE[0] ** 2)


def _images(side: int) -> tuple[Tensor, Tensor]:
    """Two images without numbers."""
    return torch.empty(1, 1, side, side, device="meta"), torch.empty(1, 1, side, side, device="meta")
