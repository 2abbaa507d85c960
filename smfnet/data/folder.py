"""Pairs of image files: two folders, one of infrared and one of visible images, with equal stems."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from assay.config.errors import UserError
from assay.files import check_unicode, nfc
from smfnet.config.value_range import ValueRange
from smfnet.data.images import read_pixels
from smfnet.data.pair import Pair, pair_of

__all__ = ["SUFFIXES", "FilePair", "Odd", "images_in", "pairs_in", "place_in", "stem_of"]

Odd = dict[Path, str]
"""Images that are left out -> why."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class FilePair:
    """Two image files of one scene.

    Attributes:
        name: of the pair: the stem, with the folder before it where there are several folders.
        ir, vi: the files.
        ir_range, vi_range: which of their values are black and white; see `read_grey`.
    """

    name: str
    ir: Path
    vi: Path
    ir_range: ValueRange | None = None
    vi_range: ValueRange | None = None

    @property
    def stem(self) -> str:
        """Name of the files without folder and suffix, in NFC."""
        return nfc(self.vi.stem)

    def read(self, *, training: bool) -> Pair:
        """Read both files; see `pair_of` for what `training` changes, and `pixels` for errors."""
        return pair_of(self.name, *self.pixels(), training=training)

    def pixels(self) -> tuple[np.ndarray, np.ndarray]:
        """Infrared and visible, each (H, W) or (H, W, 3), float32 in 0..255.

        Raises:
            UserError: a file is missing or damaged, or the sizes differ.
        """
        ir, vi = read_pixels(self.ir, self.ir_range), read_pixels(self.vi, self.vi_range)
        if ir.shape[:2] != vi.shape[:2]:
            raise UserError(
                f"expected images of one size, got {_size(ir.shape)} in {self.ir} and {_size(vi.shape)} in {self.vi}"
            )
        return ir, vi

    def digest(self) -> str:
        """Hash of what is in the two files, and the ranges if there are any."""
        ranges = "".join(f" {name} {span}" for name, span in (("ir", self.ir_range), ("vi", self.vi_range)) if span)
        return f"{_digest_of(self.ir)}{_digest_of(self.vi)}{ranges}"


def pairs_in(folder: Path, ir: str, vi: str, prefix: str = "") -> list[FilePair]:
    """All pairs of a folder, in the order of their names.

    Args:
        folder: holds the folders `ir` and `vi`.
        ir, vi: names of these two folders.
        prefix: put before the stem to give the pair's name.

    Raises:
        UserError: a folder is missing or empty, two images have one stem, or an image has no partner.
    """
    ir_folder, vi_folder = place_in(folder, ir), place_in(folder, vi)
    infrared, visible = images_in(ir_folder), images_in(vi_folder)
    for images, other, place in ((infrared, visible, vi_folder), (visible, infrared, ir_folder)):
        alone = [path for stem, path in images.items() if stem not in other]
        if alone:
            more = f" (and {len(alone) - 1} more without a partner)" if len(alone) > 1 else ""
            raise UserError(f"{alone[0]} has no partner{more}: expected {place / alone[0].stem}.* beside it")
    return [FilePair(prefix + stem, infrared[stem], visible[stem]) for stem in infrared]


def place_in(folder: Path, name: str) -> Path:
    """`folder / name`, or what is there under this name in another Unicode form."""
    place = folder
    for part in Path(name).parts:
        here = place / part
        alike = () if here.exists() else (each for each in place.glob("*") if nfc(each.name) == nfc(part))
        place = next(iter(alike), here)
    return place


def stem_of(name: str) -> str:
    """What names a pair in a list: the file's name in NFC, without folder, and without suffix if it is an image's."""
    last = nfc(name).strip().replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = last.rpartition(".")
    return stem if f"{dot}{suffix.lower()}" in SUFFIXES else last


def images_in(folder: Path, odd: Odd | None = None) -> dict[str, Path]:
    """Stem in NFC -> image file, by stem.

    Args:
        folder: of the images.
        odd: takes every image whose name is not UTF-8, which is then left out and no error.

    Raises:
        UserError: the folder is missing or empty, a name is not UTF-8, or two images have one stem.
    """
    if not folder.is_dir():
        there = "this is a file" if folder.exists() else "there is none"
        raise UserError(f"expected a folder of images at {folder}; {there}")
    try:
        files = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise UserError(f"cannot look into {folder}: {error.strerror}") from error
    images: dict[str, Path] = {}
    left_out: Odd = {}
    for path in files:
        if path.suffix.lower() not in SUFFIXES or path.name.startswith(".") or path.is_dir():
            continue
        try:
            check_unicode(str(path), "a name")
        except UserError as error:
            if odd is None:
                raise
            left_out[path] = odd[path] = str(error)
            continue
        stem = nfc(path.stem)
        if stem in images:
            raise _one_stem(images[stem], path)
        images[stem] = path
    if not images and left_out:
        raise UserError(next(iter(left_out.values())))
    if not images:
        raise UserError(f"{folder} {_held(files)}: expected images ({', '.join(SUFFIXES)})")
    return dict(sorted(images.items()))


def _held(paths: Sequence[Path]) -> str:
    """What can be said of a folder without images: `is empty`, `holds no image, but a/, b/ and 3 files`."""
    folders = [f"{path.name}/" for path in paths if path.is_dir()]
    files = len(paths) - len(folders)
    some = ", ".join([*folders[:3], *(["..."] if len(folders) > 3 else [])])
    counted = f"{files} file{'' if files == 1 else 's'}" if files else ""
    held = " and ".join(filter(None, (some, counted)))
    return f"holds no image, but {held}" if held else "is empty"


def _one_stem(first: Path, second: Path) -> UserError:
    if first.stem == second.stem:
        return UserError(f"{first} and {second} have one stem: expected one image for each pair")
    codes = " and ".join(ascii(path.stem)[1:-1] for path in (first, second))
    return UserError(f"{first} and {second} differ only in their Unicode form ({codes}): rename or remove one")


def _digest_of(path: Path) -> str:
    try:
        state = path.stat()
        return _digest(str(path), state.st_mtime_ns, state.st_size)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error


@cache
def _digest(path: str, mtime_ns: int, size: int) -> str:
    """Hash of a file; time and size are there to notice a change."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]} pixels"
