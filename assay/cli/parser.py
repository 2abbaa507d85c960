"""What the parsers of all commands have in common."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from assay.config.credentials import redacted
from assay.config.errors import one_line

__all__ = ["called", "command_parser", "typed"]

_IN_A_CLONE = "python -m platform."


def called(command: str) -> str:
    """How a command is given here: `assay ablate` where a wheel is installed, else `python -m platform.ablate`."""
    program = Path(sys.argv[0]).name
    return f"{program} {command}" if program in ("assay", "smfnet") else f"{_IN_A_CLONE}{command}"


def typed(words: Iterable[str]) -> str:
    """A command's words as they are typed in a shell: in one line, and without what opens the storage."""
    return one_line(shlex.join(redacted(word) for word in words), most=10_000)


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
        epilog=examples.replace(_IN_A_CLONE, called("")),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage, which is longer than a screen is wide."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, one_line(f"error: {message}; {self.prog} --help shows examples") + "\n")
