"""`python -m platform.conventions`: which evaluator made this row."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.parser import command_parser
from smfnet.cli.given_images import tell_passed_over

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from smfnet.conventions.search import Candidate, Found
    from smfnet.data.folder import Odd

__all__ = ["SUMMARY", "main"]

SUMMARY = "name the conventions that give a printed row of numbers"

EXAMPLES = """\
examples:
  python -m platform.conventions --fused pmgi --ir tno/ir --vi tno/vi --row "EN=6.9519 SD=35.832 AG=5.0468 SSIM=0.9781"
  python -m platform.conventions --fused gff --ir vifb/ir --vi vifb/vi --row "EN=7.21 CE=1.189 PSNR=58.1" --all

Of each number every known convention is tried: rounding of colour to grey levels, images in 0..255 or in [0, 1],
logarithms, sums and means over both sources, data range and windows of SSIM, denominator of AG and SF, peak of PSNR,
direction of Nabf. A convention fits if its mean over the images rounds to the number, or comes within 0.5 %. Files
belong together by their names without suffix.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 0 if every image was read, whatever fits."""
    options = _parser().parse_args(argv)
    from smfnet.api import conventions_of

    odd: Odd = {}
    found = conventions_of(options.fused, options.ir, options.vi, options.row, odd)
    tell_passed_over(odd)

    def result() -> Result:
        from smfnet.cli.documents.conventions import conventions_of as document_of

        return document_of(found)

    return Answer(partial(_print, found, every=options.all), result, FAILED if odd else 0)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("conventions", SUMMARY, EXAMPLES)
    parser.add_argument("--fused", type=Path, required=True, metavar="DIR", help="fused images that the row is of")
    parser.add_argument("--ir", type=Path, required=True, metavar="DIR", help="infrared images")
    parser.add_argument("--vi", type=Path, required=True, metavar="DIR", help="visible images")
    parser.add_argument("--row", required=True, metavar="TEXT", help='the numbers: "EN=6.95 SD=35.8 SSIM=0.978"')
    parser.add_argument("--all", action="store_true", help="every candidate, where one fits too")
    return parser


def _print(found: Found, *, every: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    counted = f"{found.images} image{'s' if found.images > 1 else ''}; colour read as: {found.reading}"
    table = Table(box=None, pad_edge=False, title=counted, title_justify="left", title_style="")
    table.add_column("metric")
    for heading in ("printed", "here", "apart"):
        table.add_column(heading, justify="right")
    table.add_column("convention")
    table.add_column("known of", style="dim")
    for metric, candidates in found.candidates.items():
        fitting = [each for each in candidates if each.fits]
        for place, each in enumerate(candidates if every or not fitting else fitting):
            table.add_row(*_cells(metric if place == 0 else "", each, first=place == 0))
        if not fitting:
            table.add_row("", "", "", "", "none of those known")
    console = Console()
    console.width = console.width if console.is_terminal else 140
    console.print(table)
    print(_summary(found))


def _cells(metric: str, candidate: Candidate, *, first: bool) -> tuple[str, ...]:
    printed = f"{candidate.printed.value:g}" if first else ""
    apart = "rounds to it" if candidate.distance == 0 else f"{100 * candidate.distance:.2f} %"
    words = f"{candidate.convention.words}{' (fits)' if candidate.fits else ''}"
    return metric, printed, f"{candidate.value:.6g}", apart, words, ", ".join(candidate.convention.by)


def _summary(found: Found) -> str:
    """Which evaluators fit, and how much of the row is explained."""
    count = f"{len(found.explained)} of {len(found.candidates)} numbers have a convention that fits"
    if found.evaluators:
        whole = ", ".join(f"{name} ({len(found.of(name))} numbers)" for name in found.evaluators)
        return f"{count}; all that is known fits of {whole}"
    name, distance = found.closest
    closest = f"; the closest is {name}, at most {100 * distance:.1f} % apart" if name else ""
    return f"{count}; no known evaluator fits in all{closest}"


if __name__ == "__main__":
    raise SystemExit(main())
