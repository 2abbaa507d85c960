"""The options that say which values of source images are black and white, for commands that are given folders."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from smfnet.config.value_range import RANGE_FORMS, ValueRange

if TYPE_CHECKING:
    from smfnet.data.folder import FilePair
    from smfnet.fusion.fused_files import FusedFiles

__all__ = ["add_range_options", "with_ranges"]

OPTIONS = ("--ir-range", "--vi-range")
Files = TypeVar("Files", "FilePair", "FusedFiles")


def add_range_options(parser: argparse.ArgumentParser, default: str) -> None:
    """`--ir-range` and `--vi-range`.

    Args:
        parser: of the command.
        default: what holds without them, in words.
    """
    for option, kind in zip(OPTIONS, ("infrared", "visible"), strict=True):
        forms = RANGE_FORMS.replace("%", "%%")
        parser.add_argument(
            option, metavar="RANGE", help=f"values of the {kind} files that are black and white: {forms}; {default}"
        )


def with_ranges(
    files: Sequence[Files],
    options: argparse.Namespace,
    defaults: tuple[ValueRange | None, ValueRange | None] = (None, None),
) -> list[Files]:
    """Files with the ranges that the user gave, or else the default ones; percentiles are said in a line.

    Raises:
        UserError: an option cannot be read, or its percentiles cannot be told.
    """
    from smfnet.data.percentiles import in_values

    given = (options.ir_range, options.vi_range)
    wanted = [
        ValueRange.parse(text, option) if text is not None else default
        for text, option, default in zip(given, OPTIONS, defaults, strict=True)
    ]
    ir = in_values(wanted[0], [each.ir for each in files], OPTIONS[0])
    vi = in_values(wanted[1], [each.vi for each in files], OPTIONS[1])
    for option, asked, values in zip(OPTIONS, wanted, (ir, vi), strict=True):
        if asked != values:
            print(f"{option}={asked}: here these are the values {values}")
    return [replace(each, ir_range=ir, vi_range=vi) for each in files]
