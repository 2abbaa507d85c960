"""Reading and writing image files, as the evaluators of the field do it."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from assay.config.errors import UserError
from assay.files import write_bytes
from smfnet.config.value_range import ValueRange

__all__ = ["chroma", "decoded", "in_grey_levels", "luma", "png", "read_grey", "read_pixels", "values_of", "write_png"]

T = TypeVar("T")

_SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # I: 16-bit PNG as older releases of Pillow open it
_GREY = ("1", "L", "LA", "La")
_WHITE_OF_16_BITS = ValueRange(0, 65535)
_FORMATS = ("PNG", "JPEG", "BMP", "TIFF")
MOST_PIXELS = 100_000_000  # as floats, 1.2 GB in colour

warnings.filterwarnings("ignore", module=r"PIL\.")  # what Pillow finds odd in a file that it reads all the same


def read_grey(path: str | os.PathLike[str], within: ValueRange | None = None) -> np.ndarray:
    """Read an image as grey levels.

    Args:
        path: PNG, JPEG, BMP or TIFF, whatever its name says, with 8 bits per channel, or 16-bit grey. Palettes are
            resolved, transparency is dropped, the camera's orientation is applied.
        within: the file's values that become 0 and 255; others are cut off. If None, 0..255 in a file of 8 bits and
            0..65535 in one of 16.

    Returns:
        (H, W) float32 in 0..255, not rounded. Colour becomes 0.299 R + 0.587 G + 0.114 B.

    Raises:
        UserError: the file is missing, damaged, no image, or of a kind with no known white (32-bit) and no range given.
    """
    pixels = read_pixels(path, within)
    return pixels if pixels.ndim == 2 else luma(pixels)


def read_pixels(path: str | os.PathLike[str], within: ValueRange | None = None) -> np.ndarray:
    """Read an image as it is: (H, W) grey or (H, W, 3) RGB, float32 in 0..255. See `read_grey` for files and errors."""

    def take(image: Image.Image, deep: bool) -> np.ndarray:
        values = values_of(image)
        if within and deep and values.dtype == np.uint8:
            raise UserError(f"{path}: of colour with 16 bits the upper 8 are read; save it with 8 bits for a range")
        return in_grey_levels(values, within)

    return decoded(path, take, any_white=within is not None)


def values_of(image: Image.Image) -> np.ndarray:
    """Values as the file has them: (H, W), or (H, W, 3) RGB; of colour with 16 bits the upper 8."""
    if image.mode in _SIXTEEN_BIT and (image.mode != "I" or image.format == "PNG"):
        return np.asarray(image).astype(np.uint16)
    if image.mode in ("I", "F"):
        return np.asarray(image)
    return np.asarray(image.convert("L" if image.mode in _GREY else "RGB"))


def in_grey_levels(values: np.ndarray, within: ValueRange | None = None) -> np.ndarray:
    """What `values_of` gives, as float32 in 0..255; see `read_grey`.

    Raises:
        ValueError: a value is not finite.
    """
    if within is None and values.dtype == np.uint8:
        return values.astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("it holds values that are not finite")
    black, white = (_WHITE_OF_16_BITS.low, _WHITE_OF_16_BITS.high) if within is None else (within.low, within.high)
    scaled: np.ndarray = (values.astype(np.float64) - black) * (255 / (white - black))
    return np.clip(scaled, 0, 255).astype(np.float32)


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


def png(image: np.ndarray, texts: Mapping[str, str] | None = None) -> bytes:
    """An 8-bit PNG file of an image.

    Args:
        image: (H, W) grey or (H, W, 3) RGB in 0..255. Other types than uint8 are rounded (half to even) and clipped.
        texts: written beside the pixels, by keyword.

    Raises:
        ValueError: another shape, or a value that is not finite.
    """
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        raise ValueError(f"expected an image of shape (H, W) or (H, W, 3), got {image.shape}")
    if not np.isfinite(image).all():
        raise ValueError("expected finite grey levels, got nan or inf")
    file, about = io.BytesIO(), PngInfo()
    for keyword, text in (texts or {}).items():
        about.add_text(keyword, text)
    Image.fromarray(np.clip(np.rint(image), 0, 255).astype(np.uint8)).save(file, format="PNG", pnginfo=about)
    return file.getvalue()


def write_png(path: str | os.PathLike[str], image: np.ndarray, texts: Mapping[str, str] | None = None) -> None:
    """Write an image as an 8-bit PNG file, whole or not at all; see `png`."""
    write_bytes(path, png(image, texts))


def decoded(path: str | os.PathLike[str], take: Callable[[Image.Image, bool], T], *, any_white: bool = False) -> T:
    """What `take` makes of the decoded image, upright, and of whether its file has more than 8 bits a channel.

    Args:
        path: see `read_grey`, for errors too.
        take: called once.
        any_white: take files with 32 bits too.
    """
    if not Path(path).is_file():
        raise UserError(f"expected an image file at {path}; there is none")
    try:
        image, deep = _loaded(path)
        if image.mode in ("I", "F") and image.format != "PNG" and not any_white:
            raise UserError(
                f"{path} has 32 bits per pixel and no known white; save it with 8 or 16 bits, or say which values "
                "are black and white (data.ir_range, --ir-range)"
            )
        return take(image, deep)
    except UserError:
        raise
    except ValueError as error:
        raise _unreadable(path, error) from error


def _loaded(path: str | os.PathLike[str]) -> tuple[Image.Image, bool]:
    """The decoded image, upright, and whether its file has more than 8 bits a channel.

    Raises:
        UserError: it is of no kind that is wanted (Pillow has programs run for some), too large, or damaged.
    """
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UserError(f"{path} has {image.width}x{image.height} pixels: expected at most {MOST_PIXELS}")
            deep = any(";16" in str(part) for tile in image.tile for part in tile)  # gone once it is decoded
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return image, deep
    except UserError:
        raise
    except Exception as error:  # there is no end to what a damaged file makes the decoders raise
        raise _unreadable(path, error) from error


def _unreadable(path: str | os.PathLike[str], error: Exception) -> UserError:
    kinds = ", ".join(_FORMATS)
    return UserError(f"{path} is damaged or not an image that can be read: expected {kinds}; {error}")
