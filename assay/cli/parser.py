"""What the parsers of all commands have in common."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from assay.cli.answer import OPTION
from assay.cli.exit import Refused
from assay.config.errors import UserError, one_line
from assay.config.text.command_line import IN_A_CLONE, called

__all__ = ["add_plan", "add_study", "as_typed", "check_plan", "command_parser", "examples_for", "once_each"]


_CODES = """
exit codes: 0 all is done, 1 something failed, 2 a mistake that can be mended, 3 a gate is not met, 130 stopped
"""


def command_parser(command: str, summary: str, examples: str) -> argparse.ArgumentParser:
    """A parser whose help shows examples as they are given here; options cannot be abbreviated.

    It has `--json`, as every command has: `exit_code` obeys it.

    Args:
        command: its name.
        summary: one line, in small letters.
        examples: as they are given in a clone of the repository.
    """
    parser = _Parser(
        prog=called(command),
        description=summary[0].upper() + summary[1:] + ".",
        epilog=examples.replace(IN_A_CLONE, called("")) + _CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(OPTION, action="store_true", help="one JSON document on stdout, for programs, and nothing else")
    return parser


def examples_for(argv: Sequence[str] | None, own: str, any_study: str) -> str:
    """What a command's help shows below its options: with `--study` the values that this study has.

    Args:
        argv: what stands after the command's name; None takes it from the process.
        own: where no study is named.
        any_study: where one is, before its values.

    Raises:
        UserError: there is no such study.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    named = [after for word, after in pairwise([*words, ""]) if word == "--study"]
    named += [word.removeprefix("--study=") for word in words if word.startswith("--study=")]
    if not named or not {"-h", "--help"} & set(words):
        return own if not named else any_study
    from assay.studies import load_study

    schema = load_study(named[-1]).schema
    values = " ".join(f"{path}={as_typed(value)}" for path, value in {**schema.known, **schema.first}.items())
    told = textwrap.fill(values, 110, break_long_words=False)
    return f"{any_study}\nconfiguration of {named[-1]}, with the values of its base:\n{textwrap.indent(told, '  ')}\n"


def as_typed(value: object) -> str:
    """A value of a configuration as it is typed: `true`, `null`, `[EN,SD]`."""
    if isinstance(value, list | tuple):
        return f"[{','.join(map(as_typed, value))}]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)


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


def once_each(parser: argparse.ArgumentParser) -> None:
    """Refuse options that are given a second time, of those that are added from here on.

    Without it the second takes the first one's place without a word, as scripts expect that add to a command's words.
    """
    for action in (None, "store"):
        parser.register("action", action, _Once)


class _Once(argparse._StoreAction):
    """An option that is given a second time is an error."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        if option_string and getattr(namespace, self.dest, self.default) is not self.default:
            together = ": give all of them after one" if self.nargs in ("+", "*") else ": expected it once"
            parser.error(f"{option_string} is given twice{together}")
        super().__call__(parser, namespace, values, option_string)


def _place(text: str) -> Path:
    """A path as it is typed; an unset variable of a shell is none, and not the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("expected a file or a folder; got '' (. is the current folder)")
    return Path(text)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage, which is longer than a screen is wide."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.register("type", Path, _place)

    def add_argument(self, *names: Any, **given: Any) -> argparse.Action:
        """As argparse has it, but that words of which there may be none are not named where one is missing."""
        if given.get("nargs") == "*" and not str(names[0]).startswith("-"):
            given.setdefault("default", [])
        return super().add_argument(*names, **given)

    def error(self, message: str) -> NoReturn:
        line = one_line(f"error: {message}; {self.prog} --help shows examples")
        self._print_message(line + "\n", sys.stderr)
        raise Refused(line)
