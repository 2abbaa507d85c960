"""A command as a list of words, split first and filled then, and never handed to a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from assay.config.errors import UserError

__all__ = ["filled", "names_in", "script_in", "shown", "split_command"]

_INTERPRETER = re.compile(r"(python[\d.]*|bash|sh|Rscript|julia|perl)(\.exe)?")
_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def split_command(command: str, place: str) -> tuple[str, ...]:
    """The words of a command, as a shell would split it.

    Raises:
        UserError: a quote is left open, or there is no word.
    """
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UserError(f"{place}: the command cannot be split into words ({error}): {command}") from error
    if not words:
        raise UserError(f"{place}: expected a command; got an empty one")
    return words


def script_in(words: Sequence[str]) -> str | None:
    """The file that an interpreter is asked to run: its first word, if that is no option and is known before a run."""
    program, first = PurePath(words[0]).name, words[1] if len(words) > 1 else "-"
    return first if _INTERPRETER.fullmatch(program) and not first.startswith("-") and "{" not in first else None


def names_in(words: Iterable[str], known: Iterable[str]) -> set[str]:
    """Which of the known names a command asks for; other braces, as those of JSON, are text."""
    return {name for word in words for name in _NAME.findall(word)} & set(known)


def filled(words: Iterable[str], values: Mapping[str, Any]) -> list[str]:
    """The words with every `{name}` that has a value replaced by it; what a value holds is not looked at again."""
    return [
        _NAME.sub(lambda found: shown(values[found[1]]) if found[1] in values else found[0], each) for each in words
    ]


def shown(value: Any) -> str:
    """A value as a word: `true`, `0.003`, `leff`."""
    return str(value).lower() if isinstance(value, bool) else str(value)
