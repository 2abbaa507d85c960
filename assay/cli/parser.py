"""What the parsers of all commands have in common."""

from __future__ import annotations

import argparse
from typing import NoReturn

from assay.config.command_line import IN_A_CLONE, called
from assay.config.errors import UserError, one_line

__all__ = ["add_plan", "add_study", "check_plan", "command_parser"]


def command_parser(command: str, summary: str, examples: str) -> argparse.ArgumentParser:
    """A parser whose help shows examples as they are given here; options cannot be abbreviated.

    Args:
        command: its name.
        summary: one line, in small letters.
        examples: as they are given in a clone of the repository.
    """
    return _Parser(
        prog=called(command),
        description=summary[0].upper() + summary[1:] + ".",
        epilog=examples.replace(IN_A_CLONE, called("")),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_study(parser: argparse.ArgumentParser) -> None:
    """Add the option `--study`."""
    text = "what is studied: FILE.py, FILE.yaml, MODULE:NAME, or one that is installed"
    parser.add_argument("--study", metavar="STUDY", help=text)


def add_plan(parser: argparse.ArgumentParser, text: str) -> None:
    """Add the options `--plan`, with its help, and `--probe`."""
    parser.add_argument("--plan", action="store_true", help=text)
    help_of_probe = "with --plan: where nothing is known of the time, try a few steps (minutes for large networks)"
    parser.add_argument("--probe", action="store_true", help=help_of_probe)


def check_plan(options: argparse.Namespace) -> None:
    """Refuse `--probe` where nothing is planned.

    Raises:
        UserError: so it is.
    """
    if options.probe and not options.plan:
        raise UserError("--probe belongs to a plan: give --plan too, or neither")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage, which is longer than a screen is wide."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, one_line(f"error: {message}; {self.prog} --help shows examples") + "\n")
