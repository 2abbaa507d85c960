"""Find whatever is wrong with a data set before anything starts."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from assay.config.errors import UserError
from smfnet.config.data import DataConfig
from smfnet.data.folder import FilePair
from smfnet.data.images import size_of
from smfnet.data.patches import cut, no_patch_left
from smfnet.data.scenes import ScenePair
from smfnet.data.split import PARTS, Split, split_of

__all__ = ["SMALLEST", "check"]

SMALLEST = 17  # pixels; the metrics' largest window


def check(config: DataConfig, parts: Collection[str] = PARTS) -> None:
    """Look at every image of every part.

    Args:
        config: the data set.
        parts: whose images are looked at, of `train`, `val` and `test`; a search leaves the test split unread.

    Raises:
        UserError: with the file's name: a folder, list or partner is missing, an image cannot be read, the sizes of a
            pair differ, an image is too small, a test pair is among the training pairs, or no patch has contrast.
    """
    split = split_of(config)
    measured = [pair for part in ("val", "test") if part in parts for pair in split.part(part)]
    _check_images(split.train, config.patch, f"data.patch is {config.patch}; set a smaller one or leave the pair out")
    _check_images(measured, SMALLEST, f"the metrics need {SMALLEST}x{SMALLEST}")
    if "test" in parts:
        _check_copies(split)
    _check_contrast(split, config)


def _check_images(pairs: Iterable[FilePair | ScenePair], least: int, why: str) -> None:
    """Every image can be read and has its partner's size, and at least so many pixels each way."""
    files = [pair for pair in pairs if isinstance(pair, FilePair)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        sizes = list(pool.map(lambda pair: (_size(pair.ir), _size(pair.vi)), files))
    for pair, (ir, vi) in zip(files, sizes, strict=True):
        if ir != vi:
            raise UserError(f"expected images of one size; {pair.ir} has {_pixels(ir)} and {pair.vi} has {_pixels(vi)}")
        if min(ir) < least:
            raise UserError(f"{pair.ir} has {_pixels(ir)}, too few: {why}")


def _check_copies(split: Split) -> None:
    """No test pair is among the pairs that are trained on or chosen by."""
    seen = {pair.digest(): pair for pair in (*split.train, *split.val) if isinstance(pair, FilePair)}
    for pair in split.test:
        if isinstance(pair, FilePair) and (copy := seen.get(pair.digest())):
            raise UserError(
                f"the training pair {copy.vi} is the test pair {pair.vi}: expected no test pair in training; "
                "name it in a list for data.exclude"
            )


def _check_contrast(split: Split, config: DataConfig) -> None:
    """At least one patch is left; looks no further than the first."""
    if not any(len(cut(pair.read(training=True), config)) for pair in split.train):
        raise no_patch_left(len(split.train))


def _size(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    return _size_then(path, state.st_mtime_ns, state.st_size)


@cache
def _size_then(path: Path, mtime_ns: int, size: int) -> tuple[int, int]:
    """Height and width of an image that can be read to its end; time and size are there to notice a change."""
    return size_of(path)


def _pixels(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]} pixels"
