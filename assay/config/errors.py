"""The one exception that is meant for the person at the keyboard."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

__all__ = ["UserError", "WorkLost", "is_own", "is_own_exit", "one_line", "raised_at", "unknown"]

_MOST_NAMES, _NEAREST = 40, 5  # of an error's line
_OURS = str(Path(__file__).parents[1]) + os.sep
_NOT_OWN = re.compile(
    r"^<|/(?:site|dist)-packages/|/lib/python3\.\d+/|/_ray_pkg_\w+/assay/"
)  # workers have a copy of ours


class UserError(ValueError):
    """Something that the user can mend: the message says what was expected, what came, and what to do.

    The commands print the message as one line and exit with code 2; below a notebook's cell it is one line too.
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of the traceback."""
        return [f"error: {one_line(str(self))}"]


class WorkLost(UserError):
    """Something died under a run, and the same command goes on from what is stored. The commands exit with code 1.

    Args:
        what: what happened, as the beginning of a sentence.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: give the same command again, it goes on from the last checkpoints")
        self.what = what

    def __reduce__(self) -> tuple[type[WorkLost], tuple[str]]:
        """It may come from another process."""
        return WorkLost, (self.what,)


def unknown(
    kind: str, name: str, known: Iterable[str], paths: Iterable[str] = (), most: int = _MOST_NAMES
) -> UserError:
    """An error for a name that is not in a table: the known names, of very many the nearest, and the closest match.

    Args:
        kind: what was named, in the singular ("row", "parameter").
        name: what came.
        known: every name that would have been accepted, each once.
        paths: dotted ones that would have been, too, and are too many to be listed.
        most: how many are listed; of more the nearest few.
    """
    names = list(known)
    ends = [path for path in paths if path.rpartition(".")[2] == name]
    close = ends or get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f" Did you mean {close[0]}?" if close else ""
    return UserError(f"unknown {kind} {name!r}.{hint} Known: {_named(name, names, most) or 'none'}.")


def _named(name: str, names: list[str], most: int) -> str:
    """All names, or the nearest and how many there are besides."""
    if len(names) <= most:
        return ", ".join(names)
    nearest = get_close_matches(name, names, n=_NEAREST, cutoff=0)
    return f"{', '.join(nearest)} and {len(names) - len(nearest)} more"


def one_line(text: str, most: int = 1000) -> str:
    """Text of any origin as one line for a terminal: control characters, and what would move the cursor, are escaped.

    Args:
        text: any.
        most: characters; from a longer text the middle is left out.
    """
    line = text.strip()
    if not line.isprintable():  # thousands are, for one that is not
        line = re.sub(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]\s*", " ", line)
        line = "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in line)
    return line if len(line) <= most else f"{line[: most * 2 // 3]} ... {line[-most // 3 :]}"


def raised_at(error: BaseException) -> str:
    """Where in a user's code something was raised, ` (my_study.py, line 12)`; empty if no line of it is known."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if is_own(frame.filename)]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


def is_own(file: str) -> bool:
    """Whether a file of code is a user's: none of Python, of what is installed, or of this package."""
    return not (file.startswith(_OURS) or _NOT_OWN.search(file))


def is_own_exit(error: SystemExit) -> bool:
    """Whether a user's code asked for the end of the program; parsers and Ray end what they do by it too."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    file = frame.f_code.co_filename
    return is_own(file) or "sitebuiltins" in file  # exit(), quit()
