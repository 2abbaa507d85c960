"""Tensors of a whole image: in memory while there is room, then in files without a name."""

from __future__ import annotations

import math
import mmap
import os
import tempfile
from dataclasses import dataclass

import torch
from torch import Tensor

from assay.config.errors import UserError
from smfnet.fusion.tiles.operations import Axes

__all__ = ["Map", "Shelf", "Window", "cropped", "windows"]


@dataclass(frozen=True)
class Window:
    """A part of an image: rows and columns, each from (included) to (excluded)."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width."""
        return self.bottom - self.top, self.right - self.left

    def grown(self, by: int, height: int, width: int) -> Window:
        """With pixels around it, as far as the image reaches."""
        left, right = max(self.left - by, 0), min(self.right + by, width)
        return Window(max(self.top - by, 0), min(self.bottom + by, height), left, right)

    def within(self, outer: Window) -> Window:
        """The same in the coordinates of another window."""
        top, left = self.top - outer.top, self.left - outer.left
        return Window(top, top + self.sides[0], left, left + self.sides[1])


def windows(height: int, width: int, side: int) -> list[Window]:
    """Tiles of an image, without overlap, row by row."""
    return [
        Window(top, min(top + side, height), left, min(left + side, width))
        for top in range(0, height, side)
        for left in range(0, width, side)
    ]


def cropped(tensor: Tensor, axes: Axes, part: Window, sides: tuple[int, int]) -> Tensor:
    """A window of a tensor.

    Args:
        tensor: of a tile.
        axes: which of its axes are of pixels.
        part: in the tile's coordinates.
        sides: of the tile.
    """
    joint = axes.index("HW") if "HW" in axes else None
    if part.sides == sides:
        return tensor
    rows, columns = (axes.index("H"), axes.index("W")) if joint is None else (joint, joint + 1)
    opened = tensor if joint is None else tensor.unflatten(joint, sides)
    window = opened.narrow(rows, part.top, part.sides[0]).narrow(columns, part.left, part.sides[1])
    return window if joint is None else window.flatten(joint, joint + 1)


class Map:
    """A tensor of the whole image, which tiles are written to and cut from; channels are adjacent in memory.

    Args:
        shape: with the height and width in place of H and W, or of HW.
        axes: which of them are of pixels; HW are two.
        file: where it lies; in memory if None.
    """

    def __init__(self, shape: list[int], axes: Axes, dtype: torch.dtype, file: mmap.mmap | None = None) -> None:
        self._joint = axes.index("HW") if "HW" in axes else None
        self._rows = axes.index("H") if self._joint is None else self._joint
        self._columns = axes.index("W") if self._joint is None else self._joint + 1
        order = [*range(len(shape))]
        if self._rows == 2 and self._columns == 3 == len(shape) - 1:
            order = [0, 2, 3, 1]
        laid = [shape[each] for each in order]
        self._file = file
        flat = torch.empty(math.prod(laid), dtype=dtype) if file is None else torch.frombuffer(file, dtype=dtype)
        self._whole = flat.view(laid).permute([order.index(each) for each in range(len(shape))])

    @property
    def in_memory(self) -> int:
        """Bytes."""
        return 0 if self._file is not None else self._whole.nbytes

    def read(self, part: Window) -> Tensor:
        """A window."""
        tile = self._window(part)
        return tile if self._joint is None else tile.flatten(self._joint, self._joint + 1)

    def write(self, part: Window, tile: Tensor) -> None:
        """Put a window's tensor in its place."""
        self._window(part).copy_(tile if self._joint is None else tile.unflatten(self._joint, part.sides))

    def let_go(self) -> None:
        """Hold nothing of the file in this process; it is still in the file."""
        if self._file is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._file.madvise(mmap.MADV_DONTNEED)

    def _window(self, part: Window) -> Tensor:
        height, width = part.sides
        return self._whole.narrow(self._rows, part.top, height).narrow(self._columns, part.left, width)


class Shelf:
    """Makes maps of an image: in memory up to a number of bytes, then in files that are gone when they are closed.

    Args:
        height, width: of the image.
        room: bytes.
    """

    def __init__(self, height: int, width: int, room: float) -> None:
        self._sides = {"H": (height,), "W": (width,), "HW": (height, width)}
        self._room = room

    def map(self, value: Tensor, axes: Axes) -> Map:
        """An empty one.

        Args:
            value: a tensor of any height and width.
            axes: which of its axes are of pixels.

        Raises:
            UserError: there is no room on the disk.
        """
        shape = [
            side
            for size, axis in zip(value.shape, axes, strict=True)
            for side in (self._sides[axis] if axis else (int(size),))
        ]
        size = math.prod(shape) * value.element_size()
        file = None if size <= self._room else _file(size)
        made = Map(shape, axes, value.dtype, file)
        self._room -= made.in_memory
        return made

    def take_back(self, taken: Map) -> None:
        """Its room is free again."""
        self._room += taken.in_memory


def _file(size: int) -> mmap.mmap:
    """A file of the temporary folder, with all of its room taken: a full disk is no error that a mapping can tell."""
    folder = tempfile.gettempdir()
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
            return mmap.mmap(file.fileno(), size)
    except OSError as error:
        raise UserError(
            f"{folder}: {size / 2**30:.1f} GiB are needed there for what does not fit into memory ({error.strerror}): "
            "give more --memory, or another folder as TMPDIR"
        ) from error
