"""Commands as people type them here, for messages and files that say how to go on."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from assay.config.errors import one_line
from assay.config.text.credentials import redacted

__all__ = ["IN_A_CLONE", "called", "typed"]

IN_A_CLONE = "python -m platform."


def called(command: str) -> str:
    """How a command is given here: `assay ablate` where a wheel is installed, else `python -m platform.ablate`."""
    program = Path(sys.argv[0]).name
    if program in _programs():
        return f"{program} {command}"
    return f"{IN_A_CLONE}{command}" if (Path(__file__).parents[3] / "platform").is_dir() else f"assay {command}"


@cache
def _programs() -> set[str]:
    """Commands that are installed with us, and with studies."""
    return {each.name for each in entry_points(group="console_scripts") if each.value.endswith(".cli.main:main")}


def typed(words: Sequence[str]) -> str:
    """A command's words as they are typed in a shell: in one line, and without what opens the storage.

    A single word stays as it is: it is a call in Python.
    """
    shown = [redacted(word) for word in words]
    return one_line(shlex.join(shown) if len(shown) > 1 else "".join(shown), most=10_000)
