"""`python -m platform.view`: look at runs, searches and stores in a browser, while they go on and later."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.answer import Answer, answer_now
from assay.cli.exit import exit_code
from assay.cli.parser import command_parser

if TYPE_CHECKING:
    from assay.documents.envelope import Result

__all__ = ["SUMMARY", "main"]

SUMMARY = "look at runs, searches and stores in a browser, live while they go on"

EXAMPLES = """\
examples:
  python -m platform.view                     all runs below runs/
  python -m platform.view runs/table5         one of them
  python -m platform.view /shared/runs        those on a cluster's shared storage
  python -m platform.view --no-browser --port 8765
  python -m platform.view --write             entries of a store can be deleted, too

The page is on this machine alone, and only for whoever has the address that is printed: it holds a secret. Nothing is
fetched from elsewhere, nothing outside the folder is read, and without --write nothing is changed. Ctrl-C ends it.
From another machine: ssh -L 8765:127.0.0.1:8765 HOST, with --port 8765.
"""


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 when Ctrl-C ends it."""
    options = _parser().parse_args(argv)
    from assay.view.server import serve

    serve(options.folder, options.port, _tell, browser=not options.no_browser, write=options.write)
    return 0


def _tell(address: str) -> None:
    """Before the command's end: until then the page is there."""

    def result() -> Result:
        from assay.documents.kept import Viewed

        return Viewed(address=address)

    answer_now(Answer(partial(print, address, flush=True), result))


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("view", SUMMARY, EXAMPLES)
    help_of_folder = "folder of a run, or one with runs below it (default: runs)"
    parser.add_argument("folder", nargs="?", type=Path, default=Path("runs"), metavar="RUN|FOLDER", help=help_of_folder)
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="of the page (default: one that is free)")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--write", action="store_true", help="entries of a store can be deleted")
    return parser


def _port(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"expected a port, 0..65535; got {text!r}")
    return number


if __name__ == "__main__":
    raise SystemExit(main())
