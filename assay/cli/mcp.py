"""`python -m platform.mcp`: an MCP server, for agents that propose changes."""

from __future__ import annotations

import argparse
from pathlib import Path

from assay.cli.exit import exit_code
from assay.cli.output import check_folder
from assay.cli.parser import add_study, command_parser
from assay.config.errors import UserError

__all__ = ["SUMMARY", "command_options", "main", "serve"]

SUMMARY = "answer an agent over MCP: plans, runs, verdicts, and what may be kept"

EXAMPLES = """\
examples:
  python -m platform.mcp --study my_study.py                    over stdio, as a client begins it; runs below runs/
  python -m platform.mcp --study my_study.py --folder runs/agent train.epochs=6 storage=runs/store

A client begins it with such a command (docs/programs.md has its configuration). It works in this study and this folder
alone: an agent names rows and parameters that the study has, and neither paths nor configuration. Nothing is trained
that a plan has not shown, and `keep` refuses what no verdict calls better at the level that the proposal has.
"""


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 when the client goes away."""
    return serve(command_options(argv), None)


def command_options(argv: list[str] | None, examples: str = EXAMPLES) -> argparse.Namespace:
    """What was asked for, with these examples in the help."""
    return _parser(examples).parse_intermixed_args(argv)


def serve(options: argparse.Namespace, default: str | None) -> int:
    """Answer a client until it goes away, about the study of `--study` or a default one."""
    if options.json:
        raise UserError("--json: an MCP server speaks JSON-RPC on stdout; leave it out")
    if wrong := [word for word in options.words if "=" not in word or word.startswith(("seed=", "seeds=", "base="))]:
        raise UserError(f"{wrong[0]!r}: expected key=value of the configuration, without seeds, which the ledger gives")
    check_folder(options.folder, "--folder")
    from assay.mcp.desk import Desk
    from assay.mcp.server import server_for
    from assay.studies import load_study

    study = default if options.study is None else options.study
    load_study(study).schema.compose(options.words)  # a mistake is told now, where a person sees it
    server_for(Desk(str(study), options.folder, options.words)).run("stdio")
    return 0


def _parser(examples: str = EXAMPLES) -> argparse.ArgumentParser:
    parser = command_parser("mcp", SUMMARY, examples)
    add_study(parser)
    parser.add_argument("words", nargs="*", metavar="key=value", help="configuration of the base")
    text = "for runs and the ledger of proposals (default: runs)"
    parser.add_argument("--folder", type=Path, default=Path("runs"), metavar="DIR", help=text)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
