"""Ways of reading an image as grey levels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assay.config.errors import UserError
from smfnet.conventions.convention import Triple
from smfnet.data.images import luma, read_pixels
from smfnet.metrics import SMALLEST

__all__ = ["LUMA", "READINGS", "read"]

LUMA = "luma, rounded"
_Levels = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def _grey(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return pixels if pixels.ndim == 2 else luma(pixels)


def _channels(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """(3, H, W), of a grey image three times the same."""
    if pixels.ndim == 2:
        return np.stack([pixels] * 3)
    return np.ascontiguousarray(np.moveaxis(pixels, 2, 0))


# What a program does with a file -> whole grey levels (H, W), or (3, H, W) where channels are measured one by one.
READINGS: Mapping[str, _Levels] = {
    LUMA: lambda pixels: np.rint(_grey(pixels)),
    "luma, cut off to whole levels": lambda pixels: np.floor(_grey(pixels)),
    "each channel, mean": lambda pixels: np.rint(_channels(pixels)),
}


def read(paths: tuple[Path, Path, Path]) -> dict[str, Triple]:
    """The images of a pair in each reading; grey ones are read in one alone, as all are the same.

    Args:
        paths: of the fused, the infrared and the visible image.

    Raises:
        UserError: a file is missing, damaged or no image, the sizes differ, or the images are too small.
    """
    pixels = [read_pixels(path) for path in paths]
    sizes = [each.shape[:2] for each in pixels]
    for path, size in zip(paths[1:], sizes[1:], strict=True):
        if size != sizes[0]:
            raise UserError(f"expected images of one size: {paths[0]} has {_size(sizes[0])}, {path} {_size(size)}")
    if min(sizes[0]) < SMALLEST:
        raise UserError(f"{paths[0]} has {_size(sizes[0])}: expected at least {SMALLEST}x{SMALLEST}")
    colour = any(each.ndim == 3 for each in pixels)
    readings = READINGS if colour else {LUMA: READINGS[LUMA]}
    return {name: _triple([levels(each) for each in pixels]) for name, levels in readings.items()}


def _triple(images: list[NDArray[np.float32]]) -> Triple:
    fused, ir, vi = (_tensor(each) for each in images)
    return fused, ir, vi


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]} pixels"


def _tensor(levels: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(levels)).reshape(-1, 1, *levels.shape[-2:])
