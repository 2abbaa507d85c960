"""What a look at the files of a set finds: sizes, the grey levels that are left, two modalities that are one image."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from assay.config.errors import UserError
from smfnet.config.value_range import ValueRange
from smfnet.data.images import decoded, in_grey_levels, values_of

__all__ = ["RANGE_KEYS", "Seen", "Sources", "check_levels", "check_sources", "check_two_folders", "look"]

RANGE_KEYS = ("data.ir_range", "data.vi_range")
# Raw counts have up to 14 bits: of 0..65535 they fill 0..16383, which become the levels 0..64.
_MOST_OF_14_BITS = 16383
_LEVELS_OF_14_BITS = 65


class Sources(Protocol):
    """The two files of one scene, and which of their values are black and white."""

    @property
    def ir(self) -> Path: ...
    @property
    def vi(self) -> Path: ...
    @property
    def ir_range(self) -> ValueRange | None: ...
    @property
    def vi_range(self) -> ValueRange | None: ...


@dataclass(frozen=True)
class Seen:
    """What a look at an image found.

    Attributes:
        size: height and width.
        low, high: least and greatest value of the file; of colour with 16 bits, of their upper 8.
        deep: 16 bits a channel.
        colour: three channels.
        lost: the file tells apart what becomes one grey level.
        levels: how many of the 256 grey levels are in use; None where the file has 8 bits or its range is given.
        pixels: hash of the image as grey levels.
    """

    size: tuple[int, int]
    low: float
    high: float
    deep: bool
    colour: bool
    lost: bool
    levels: int | None
    pixels: bytes


def check_sources(files: Sequence[Sources], keys: tuple[str, str] = RANGE_KEYS) -> list[tuple[Seen, Seen]]:
    """Look at both files of every scene, before anything is made of them.

    Args:
        files: of the scenes.
        keys: how the user gives the two ranges.

    Returns:
        What was seen of infrared and visible, in order.

    Raises:
        UserError: a file cannot be read, see `check_levels`, or the two files of a scene hold one image.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        seen = list(pool.map(lambda pair: (look(pair.ir, pair.ir_range), look(pair.vi, pair.vi_range)), files))
    check_levels([(pair.ir, ir, pair.ir_range) for pair, (ir, _) in zip(files, seen, strict=True)], keys[0])
    check_levels([(pair.vi, vi, pair.vi_range) for pair, (_, vi) in zip(files, seen, strict=True)], keys[1])
    same = [pair for pair, (ir, vi) in zip(files, seen, strict=True) if ir.pixels == vi.pixels and ir.low < ir.high]
    if same:
        more = f" (and {len(same) - 1} more such pairs)" if len(same) > 1 else ""
        raise UserError(
            f"{same[0].ir} and {same[0].vi} hold one image{more}: expected an infrared and a visible one of a scene"
        )
    return seen


def check_levels(images: Iterable[tuple[Path, Seen, ValueRange | None]], key: str | None) -> None:
    """Refuse an image that would arrive as next to nothing although its file holds more.

    That is one whose values all lie outside of a given range; and without a range one of 16 bits that uses no more
    grey levels than counts of 14 bits can reach (65 of 256), if that makes equal what the file tells apart. A flat
    image, and any image of 8 bits, is what it is.

    Args:
        images: of one modality: the file, what was seen in it, and the range that is given.
        key: how the user gives a range; None where there is no way to.

    Raises:
        UserError: with the values of the image, and ranges that would help.
    """
    listed = list(images)
    for path, seen, within in listed:
        values = f"{seen.low:g}..{seen.high:g}"
        if within is not None:
            if seen.low < seen.high and (seen.high <= within.low or seen.low >= within.high):
                raise UserError(
                    f"{path} has values {values}, none of them within {within}, so that every pixel would be black or "
                    f"white: give {key}=LOW:HIGH with values that it has"
                )
        elif seen.levels is not None and seen.lost and seen.levels <= _LEVELS_OF_14_BITS:
            share = max(100 * (seen.high - seen.low) / 65535, 0.1)
            filled = f"and no value is above {_MOST_OF_14_BITS}" if seen.colour else f"and {values} fill {share:.2g} %"
            raise UserError(
                f"{path} would be left with {seen.levels} of 256 grey levels: it has values of 16 bits, {filled} of "
                f"0..65535; {_remedy([each for _, each, _ in listed], None if seen.colour else key)}"
            )


def check_two_folders(ir: Path, vi: Path, names: tuple[str, str] = ("data.ir", "data.vi")) -> None:
    """Two modalities come from two folders.

    Args:
        ir, vi: the folders; whether they are there is not looked at.
        names: how the user gives them.

    Raises:
        UserError: they are one, directly or through links.
    """
    try:
        one = ir.samefile(vi)
    except OSError:
        return
    if one:
        raise UserError(
            f"{names[0]} and {names[1]} are one folder, {ir}: expected one of infrared and one of visible images"
        )


def look(path: Path, within: ValueRange | None = None) -> Seen:
    """Decode an image to its end.

    Raises:
        UserError: see `read_grey`.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    return _look(path, within, state.st_mtime_ns, state.st_size)


@cache
def _look(path: Path, within: ValueRange | None, mtime_ns: int, size: int) -> Seen:
    """Time and size are there to notice a change."""
    return decoded(path, partial(_seen, within=within), any_white=within is not None)


def _seen(image: Image.Image, deep: bool, within: ValueRange | None) -> Seen:
    values = values_of(image)
    colour, low, high = values.ndim == 3, float(values.min()), float(values.max())
    lost, levels = False, None
    if deep and within is None:
        kept = np.rint(in_grey_levels(values)).astype(np.uint8)
        levels = len(np.unique(kept))
        lost = high <= _MOST_OF_14_BITS >> 8 if colour else len(np.unique(values)) > levels
    grey = values if values.ndim == 2 else np.asarray(image.convert("RGB").convert("L"))
    pixels = hashlib.blake2b(grey.tobytes(), digest_size=16).digest()
    return Seen((image.height, image.width), low, high, deep, colour, lost, levels, pixels)


def _remedy(seen: Iterable[Seen], key: str | None) -> str:
    """What to do about images with raw counts, by the values that all of them together have."""
    if key is None:
        return "save it with 8 bits"
    deep = [each for each in seen if each.deep]
    low, high = min(each.low for each in deep), max(each.high for each in deep)
    return (
        f"say which values are black and white: {key}={low:g}:{high:g} as these images have them, or percentiles, "
        f"{key}=0.1%:99.9% ({key}=0:65535 takes them as they are)"
    )
