"""`python -m platform.data`: published data sets by name: what there is, whether a copy is whole, where to get one."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.parser import command_parser
from assay.config.errors import UserError, one_line

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from smfnet.data.folder import FilePair
    from smfnet.data.sets.checked import Checked, Finding
    from smfnet.data.sets.known import KnownSet

__all__ = ["SUMMARY", "main"]

SUMMARY = "published data sets by name: check a copy, see its layout, get it"

EXAMPLES = """\
examples:
  python -m platform.data list                             what is known
  python -m platform.data list --root data                 and what of it is in data/
  python -m platform.data check msrs --root data           what is missing, broken or badly registered in data/msrs
  python -m platform.data check llvip --root DIR --part test --quick   one part, without a look at registration
  python -m platform.data layout harvard_pet               the folders that are expected, and others that are understood
  python -m platform.data get roadscene --root data        clone it into data/roadscene

Registration is told by edges: pairs whose edges agree clearly better some pixels apart are listed. It is a hint, good
to a pixel or two, and there is none where images share no edges. A set that was published so is not broken by it.
"""

_MOST = 20  # lines of a kind
_KINDS = {
    "missing": "missing",
    "broken": "cannot be used",
    "shifted": "edges agree better elsewhere",
}


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 1 if `check` found that something is missing or broken."""
    options = _parser().parse_intermixed_args(argv)
    _check_of_action(options)
    if options.action == "list":
        if options.name:
            raise UserError(f"list takes no name: say `{_called('data')} layout {options.name}`")
        return _list(options.root)
    if options.name is None:
        raise UserError(f"{options.action}: expected the name of a data set; `{_called('data')} list` has them")
    from smfnet.data.sets.known import known_set

    known = known_set(options.name)
    if options.action == "layout":
        return _layout(known)
    if options.root is None:
        raise UserError(f"{options.action}: expected --root DIR, the folder of {known.name} or the one above it")
    return _check(known, options) if options.action == "check" else _get(known, options)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("data", SUMMARY, EXAMPLES)
    parser.add_argument("action", choices=["list", "check", "layout", "get"])
    parser.add_argument("name", nargs="?", metavar="NAME", help="of a data set, as `list` has them")
    parser.add_argument("--root", type=Path, metavar="DIR", help="the folder of the set, or the one above it")
    parser.add_argument(
        "--part", action="append", default=[], metavar="PART", help="check: only this part; several times"
    )
    parser.add_argument(
        "--offset", type=float, default=4.0, metavar="PX", help="check: tell pairs that are so far apart (4 pixels)"
    )
    parser.add_argument("--quick", action="store_true", help="check: no look at registration")
    parser.add_argument("--all", action="store_true", help=f"check: every line, not {_MOST} of a kind")
    parser.add_argument("--from", dest="address", metavar="ADDRESS", help="get: of another repository that has it")
    return parser


def _check_of_action(options: argparse.Namespace) -> None:
    """Refuse options that another action has: what has no effect would be taken for done."""
    given = {"--part": options.part, "--quick": options.quick, "--all": options.all, "--from": options.address}
    for option, value in given.items():
        action = "get" if option == "--from" else "check"
        if value and options.action != action:
            raise UserError(f"{option} is an option of {action}; {options.action} has none such")


def _called(command: str) -> str:
    """A command as it is given here."""
    return _parser().prog.removesuffix("data") + command


def _list(root: Path | None) -> Answer:
    from smfnet.data.sets.known import KNOWN
    from smfnet.data.sets.located import find

    if root is not None and not root.is_dir():
        raise UserError(f"--root {root}: expected a folder; {'this is a file' if root.exists() else 'there is none'}")
    found = {known.name: find(known, root) for known in KNOWN.values()} if root else {}
    folders = {name: each.folder for name, each in found.items() if each}

    def result() -> Result:
        from smfnet.cli.documents.sets import sets_of

        return sets_of(KNOWN, folders)

    return Answer(partial(_print_list, KNOWN, root, folders), result)


def _print_list(sets: Mapping[str, KnownSet], root: Path | None, folders: Mapping[str, Path]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "what it is", "presets", "in " + one_line(str(root)) if root else "terms of use"):
        table.add_column(heading, no_wrap=heading == "name")
    for known in sets.values():
        there = str(folders.get(known.name, "-"))
        table.add_row(
            *map(Text, (known.name, known.title, ", ".join(known.presets) or "-", there if root else known.terms))
        )
    console = Console()
    console.width = console.width if console.is_terminal else 140
    console.print(table)


def _layout(known: KnownSet) -> Answer:
    def result() -> Result:
        from smfnet.cli.documents.sets import layout_of

        return layout_of(known)

    return Answer(partial(_print_layout, known), result)


def _print_layout(known: KnownSet) -> None:
    print(f"{known.name}: {known.title}")
    for number, layout in enumerate(known.layouts):
        what = "expected" if number == 0 else "understood by `check` too"
        print(f"{what} ({layout.by}), below DIR or DIR/{known.folder}:")
        for place in layout.places:
            count = f"{place.pairs} pairs" if place.pairs else "any number of pairs"
            print(f"  {place.part:5}  {place.ir} + {place.vi}  ({count})")
    print("the two images of a pair have one name without suffix, and one size")
    _about(known)


def _about(known: KnownSet) -> None:
    print(f"split: {known.split}")
    print(f"home: {known.home}")
    print(f"terms: {known.terms}")
    print(f"cite: {known.citation}")
    for preset, root in known.presets.items():
        place = {".": f"DIR/{known.folder}"}.get(root, "DIR")
        print(f"use: {_called('ablate')} --all {known.suite}data={preset} data.root={place}")


def _check(known: KnownSet, options: argparse.Namespace) -> Answer:
    from smfnet.data.sets.checked import check_set
    from smfnet.data.sets.located import located

    if not 0 < options.offset <= 1000:  # not a number compares as false
        raise UserError(f"--offset: expected pixels, above 0 and at most 1000; got {options.offset:g}")
    found = located(known, options.root)
    offset = None if options.quick else options.offset
    checked = check_set(known, found, options.part, offset=offset, shown=_progress)
    shown = partial(_tell, checked, most=None if options.all else _MOST, registered=not options.quick)

    def result() -> Result:
        from smfnet.cli.documents.sets import checked_of

        return checked_of(checked, registered=not options.quick)

    return Answer(shown, result, 0 if checked.whole else FAILED)


def _progress(pairs: Sequence[FilePair], part: str) -> Iterator[FilePair]:
    from assay.console.progress import each

    return iter(each(pairs, f"looked at of {part}", len(pairs)))


def _tell(checked: Checked, *, most: int | None, registered: bool) -> None:
    known, found = checked.known, checked.located
    print(one_line(f"{known.name}: found in {found.folder}, in the layout of {found.layout.by}"))
    for part in checked.parts:
        print(f"  {part.place.part:5}  {part.pairs}{part.expected} pairs, {part.place.ir} + {part.place.vi}")
    for kind, words in _KINDS.items():
        _tell_of(words, [each for each in checked.findings if each.kind == kind], most, f"{found.folder}{os.sep}")
    looked = "registration was not looked at" if not registered else ""
    state = "nothing is missing or broken" if checked.whole else "something is missing or broken"
    print("; ".join(filter(None, (state, looked))))
    _about(known)


def _tell_of(words: str, findings: Sequence[Finding], most: int | None, inside: str) -> None:
    if findings:
        print(f"{words}: {len(findings)}")
        for each in findings[:most]:
            print("  " + one_line(each.words.replace(inside, "")))
        if most is not None and len(findings) > most:
            print(f"  and {len(findings) - most} more (--all)")


def _get(known: KnownSet, options: argparse.Namespace) -> Answer:
    from smfnet.data.sets.cloned import clone

    if source := options.address or known.repository:
        print(f"cloning {one_line(source)}, which may take minutes", flush=True)
    found = clone(known, options.root, options.address)

    def shown() -> None:
        print(f"{known.name}: in {found.folder}, in the layout of {found.layout.by}")
        print(f"look at it: {_called('data')} check {known.name} --root {found.folder}")
        _about(known)

    def result() -> Result:
        from smfnet.cli.documents.sets import found_of

        return found_of(known, found)

    return Answer(shown, result, written=[found.folder])


if __name__ == "__main__":
    raise SystemExit(main())
