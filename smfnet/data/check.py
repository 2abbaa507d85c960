"""Find whatever is wrong with a data set before anything starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from assay.config.errors import UserError
from smfnet.config.data import DataConfig
from smfnet.data.folder import FilePair
from smfnet.data.patches import cut, no_patch_left
from smfnet.data.scenes import ScenePair
from smfnet.data.sources import check_sources
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
            pair differ, both hold one image, an image is too small or would be left with few grey levels, a test pair
            is among the training pairs, or no patch has contrast.
    """
    split = split_of(config)
    measured = [pair for part in ("val", "test") if part in parts for pair in split.part(part)]
    _check_images(split.train, config.patch, f"data.patch is {config.patch}; set a smaller one or leave the pair out")
    _check_images(measured, SMALLEST, f"the metrics need {SMALLEST}x{SMALLEST}")
    if "test" in parts:
        _check_copies(split)
    _check_contrast(split, config)


def _check_images(pairs: Iterable[FilePair | ScenePair], least: int, why: str) -> None:
    """Every image can be read, carries something, and has its partner's size and at least so many pixels each way."""
    files = [pair for pair in pairs if isinstance(pair, FilePair)]
    for pair, (infrared, visible) in zip(files, check_sources(files), strict=True):
        ir, vi = infrared.size, visible.size
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


def _pixels(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]} pixels"
