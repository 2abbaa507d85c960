"""The options that say which values of source images are black and white, for commands that are given folders."""

from __future__ import annotations

import argparse

from smfnet.config.value_range import RANGE_FORMS

__all__ = ["OPTIONS", "add_range_options"]

OPTIONS = ("--ir-range", "--vi-range")


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
