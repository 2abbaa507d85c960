"""The options that say which fused images and which sources are meant, for commands that look at many methods."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.parser import once_each
from assay.config.errors import UserError, one_line
from smfnet.cli.source_ranges import OPTIONS, add_range_options

if TYPE_CHECKING:
    from smfnet.data.folder import Odd
    from smfnet.methods.named import Method
    from smfnet.methods.scenes import Scenes

__all__ = ["add_images", "images_given", "tell_passed_over", "whole_number"]

PARTS = ("test", "train", "val", "all")
Told = Callable[[str], None]


def add_images(parser: argparse.ArgumentParser) -> None:
    """`--fused`, `--ir` and `--vi` or `--pairs` or `--data`, and what they need; no option may come twice."""
    once_each(parser)
    add = parser.add_argument
    fused = "fused images of a method, a folder or a file; several by names: PMGI=DIR DIDFuse=DIR"
    add("--fused", nargs="+", required=True, metavar="[NAME=]DIR", help=fused)
    add("--ir", type=Path, metavar="DIR", help="infrared images, or one")
    add("--vi", type=Path, metavar="DIR", help="visible images, or one")
    add("--pairs", type=Path, metavar="DIR", help="both in one folder, instead of --ir and --vi; layouts: see below")
    names = "published data sets by name instead, such as tno roadscene; `data list` has them"
    add("--data", nargs="+", metavar="NAME", help=names)
    add("--root", type=Path, metavar="DIR", help="with --data: the folder that holds them")
    add("--part", choices=PARTS, help="part of a set that has parts (default: test)")
    add("--suffix", default="", metavar="TEXT", help="what names of fused images have at their end: _fused")
    add_range_options(parser, "0..255 or, in files of 16 bits, 0..65535 if not given")


def images_given(options: argparse.Namespace, told: Told) -> tuple[list[Scenes], bool]:
    """What the options name, found and looked at, a set each; and whether all images could be taken.

    Those whose names are not UTF-8 are told of on stderr, and passed over.

    Args:
        options: of the command.
        told: called with a line where something is chosen that the user did not name.

    Raises:
        UserError: options do not go together, images do not, or one cannot be measured.
    """
    from smfnet.methods.compare import checked
    from smfnet.methods.named import methods_from

    _check(options)
    methods = methods_from(options.fused)
    odd: Odd = {}
    found = _of_sets(options, methods, told, odd) if options.data else [_of_folders(options, methods, told, odd)]
    ranges = (options.ir_range, options.vi_range)
    every = [checked(each, ranges, OPTIONS, told) for each in found]
    tell_passed_over(odd)
    return every, not odd


def tell_passed_over(odd: Odd) -> None:
    """A line on stderr about every image that is left out."""
    for line in odd.values():
        print(one_line(f"passed over: {line}"), file=sys.stderr)


def _check(options: argparse.Namespace) -> None:
    both = options.ir is not None and options.vi is not None
    ways = [both, options.pairs is not None, bool(options.data)]
    alone = both != (options.ir is not None or options.vi is not None)
    if sum(ways) != 1 or alone:
        given = [name for name in ("ir", "vi", "pairs", "data") if getattr(options, name)]
        got = ", ".join(f"--{name}" for name in given) or "none of them"
        raise UserError(f"expected --ir and --vi, or --pairs, or --data and --root; got {got}")
    if bool(options.data) != (options.root is not None):
        raise UserError("--data and --root belong together: names of data sets, and the folder that holds them")
    if options.part and both:
        raise UserError(
            "--part is of a set with parts, in --pairs or --data: --ir and --vi name its folders themselves"
        )


def _of_folders(options: argparse.Namespace, methods: tuple[Method, ...], told: Told, odd: Odd) -> Scenes:
    from smfnet.data.sources import check_two_folders
    from smfnet.methods.layout import sources_in, sources_of
    from smfnet.methods.scenes import scenes_of

    if options.pairs is None:
        check_two_folders(options.ir, options.vi, ("--ir", "--vi"))
        return scenes_of("", methods, sources_of(options.ir, options.vi, odd=odd), options.suffix, odd)
    sources = sources_in(options.pairs, options.part, odd=odd)
    told(f"sources: {sources.words}")
    return scenes_of("", methods, sources, options.suffix, odd, part_of_set=bool(sources.part))


def _of_sets(options: argparse.Namespace, methods: tuple[Method, ...], told: Told, odd: Odd) -> list[Scenes]:
    from smfnet.methods.data_sets import known_sets, methods_of, sources_of_set, title_of
    from smfnet.methods.scenes import scenes_of

    sets, found = known_sets(options.data), []
    methods = tuple(each if each.name else replace(each, name=each.place.resolve().name) for each in methods)
    for known in sets:
        title, sources = title_of(known), sources_of_set(known, options.root, options.part, odd)
        told(f"{title}: {len(sources.scenes)} pairs in {sources.words}")
        there, without = methods_of(known, methods, alone=len(sets) == 1)
        if not there:
            expected = methods[0].place / known.folder
            raise UserError(f"--data {known.name}: no method has a folder {known.folder}, such as {expected}")
        if without:
            told(f"{title}: no folder {known.folder} of {', '.join(without)}")
        found.append(scenes_of(title, there, sources, options.suffix, odd, part_of_set=True))
    return found


def whole_number(least: int, most: int, text: str) -> int:
    """What `argparse` makes of an option with a number in these bounds."""
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}; got {text!r}")
    return int(text)
