"""Reading and writing image files, as the evaluators of the field do it."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps

from assay.config.errors import UserError
from assay.store.atomic import write_bytes

__all__ = ["chroma", "luma", "png", "read_colour", "read_grey", "read_pixels", "size_of", "write_png"]

T = TypeVar("T")

_SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # I: 16-bit PNG as older releases of Pillow open it
_GREY = ("1", "L", "LA", "La")
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


def read_grey(path: str | os.PathLike[str]) -> np.ndarray:
    """Read an image as grey levels.

    Args:
        path: PNG, JPEG, BMP or TIFF (whatever Pillow reads) with 8 bits per channel, or 16-bit grey. Palettes are
            resolved, transparency is dropped, the camera's orientation is applied.

    Returns:
        (H, W) float32 in 0..255. Colour becomes 0.299 R + 0.587 G + 0.114 B, not rounded; 16 bits are scaled by
        255 / 65535 and not rounded either.

    Raises:
        UserError: the file is missing, damaged, no image, or of a kind with no known white (32-bit).
    """
    pixels = read_pixels(path)
    return pixels if pixels.ndim == 2 else luma(pixels)


def read_colour(path: str | os.PathLike[str]) -> np.ndarray:
    """Read an image as (H, W, 3) float32 RGB in 0..255; grey is repeated. See `read_grey` for files and errors."""
    pixels = read_pixels(path)
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)


def read_pixels(path: str | os.PathLike[str]) -> np.ndarray:
    """Read an image as it is: (H, W) grey or (H, W, 3) RGB, float32 in 0..255. See `read_grey` for files and errors."""
    return _read(path, _pixels)


def size_of(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Height and width of an image that can be read to its end. See `read_grey` for files and errors."""
    return _read(path, lambda image: (image.height, image.width))


def luma(colour: np.ndarray) -> np.ndarray:
    """Grey of an RGB image, not rounded: 0.299 R + 0.587 G + 0.114 B in float32, as OpenCV does for float images.

    Args:
        colour: (H, W, 3), any range; the weights add up to 1, so the range stays.

    Returns:
        (H, W) float32.
    """
    red, green, blue = np.moveaxis(colour.astype(np.float32, copy=False), -1, 0)
    return np.float32(0.114) * blue + np.float32(0.587) * green + np.float32(0.299) * red


def chroma(colour: np.ndarray) -> np.ndarray:
    """Cr and Cb of an RGB image, as OpenCV's BGR2YCrCb gives them for floats: (R - Y) 0.713 and (B - Y) 0.564 + 128.

    Args:
        colour: (H, W, 3) in 0..255.

    Returns:
        (2, H, W) float32 in about 0..255, Cr first.
    """
    grey = luma(colour)
    red, blue = colour[..., 0].astype(np.float32, copy=False), colour[..., 2].astype(np.float32, copy=False)
    return np.stack([(red - grey) * np.float32(0.713), (blue - grey) * np.float32(0.564)]) + np.float32(128)


def png(image: np.ndarray) -> bytes:
    """An 8-bit PNG file of an image.

    Args:
        image: (H, W) grey or (H, W, 3) RGB in 0..255. Other types than uint8 are rounded (half to even) and clipped.

    Raises:
        ValueError: another shape, or a value that is not finite.
    """
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        raise ValueError(f"expected an image of shape (H, W) or (H, W, 3), got {image.shape}")
    if not np.isfinite(image).all():
        raise ValueError("expected finite grey levels, got nan or inf")
    file = io.BytesIO()
    Image.fromarray(np.clip(np.rint(image), 0, 255).astype(np.uint8)).save(file, format="PNG")
    return file.getvalue()


def write_png(path: str | os.PathLike[str], image: np.ndarray) -> None:
    """Write an image as an 8-bit PNG file, whole or not at all; see `png`."""
    write_bytes(path, png(image))


def _read(path: str | os.PathLike[str], take: Callable[[Image.Image], T]) -> T:
    """What `take` makes of the decoded image."""
    if not Path(path).is_file():
        raise UserError(f"expected an image file at {path}; there is none")
    try:
        with Image.open(path) as image:
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            if image.mode in ("I", "F") and image.format != "PNG":
                raise UserError(f"{path} has 32 bits per pixel and no known white; save it with 8 or 16 bits")
            return take(image)
    except UserError:
        raise
    except _UNREADABLE as error:
        raise UserError(f"{path} is damaged or not an image that can be read: {error}") from error


def _pixels(image: Image.Image) -> np.ndarray:
    """(H, W) or (H, W, 3) float32 in 0..255."""
    if image.mode in _SIXTEEN_BIT:
        return (np.asarray(image).astype(np.float64) * (255 / 65535)).astype(np.float32)
    return np.asarray(image.convert("L" if image.mode in _GREY else "RGB")).astype(np.float32)
