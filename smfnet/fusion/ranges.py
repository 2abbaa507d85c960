"""Which values of source images are black and white, for whole folders of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from smfnet.config.value_range import ValueRange
from smfnet.data.folder import FilePair
from smfnet.data.percentiles import in_values
from smfnet.fusion.fused_files import FusedFiles

__all__ = ["with_ranges"]

Files = TypeVar("Files", FilePair, FusedFiles)


def with_ranges(
    files: Sequence[Files],
    given: tuple[str | None, str | None],
    keys: tuple[str, str],
    told: Callable[[str], None],
    defaults: tuple[ValueRange | None, ValueRange | None] = (None, None),
) -> list[Files]:
    """Files with the ranges that the user gave, or else the default ones.

    Args:
        files: of the scenes.
        given: for infrared and visible, as text.
        keys: how the user gives them.
        told: called with a line for percentiles, which says the values that they are.
        defaults: where none is given.

    Raises:
        UserError: a text cannot be read, or its percentiles cannot be told.
    """
    wanted = [
        ValueRange.parse(text, key) if text is not None else default
        for text, key, default in zip(given, keys, defaults, strict=True)
    ]
    ir = in_values(wanted[0], [each.ir for each in files], keys[0])
    vi = in_values(wanted[1], [each.vi for each in files], keys[1])
    for key, asked, values in zip(keys, wanted, (ir, vi), strict=True):
        if asked != values:
            told(f"{key}={asked}: here these are the values {values}")
    return [replace(each, ir_range=ir, vi_range=vi) for each in files]
