"""One command on one input, in this process, with its time, its words and its files watched."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import io
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import torch

from assay.training.memory import peak_memory
from tests.fuzz.watch import Snapshot, guarded

__all__ = ["MODULES", "Attempt", "Outcome", "tried"]

MODULES = {
    "ablate": "smfnet.cli.ablate",
    "search": "smfnet.cli.search",
    "report": "assay.cli.report",
    "store": "assay.cli.store",
    "export": "smfnet.cli.export",
    "fuse": "smfnet.cli.fuse",
    "evaluate": "smfnet.cli.evaluate",
    "conventions": "smfnet.cli.conventions",
    "data": "smfnet.cli.data",
    "gallery": "smfnet.cli.gallery",
    "table5": "analysis.table5",
}
LIMIT_S = 30.0  # of a processor, for an input; the slowest takes three
PATIENCE_S = 180.0  # on the clock: for one that waits for something, or for a processor
_GRACE_S = 30.0
_MEMORY = 2**30  # more than an input may add to what the process has
_RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # what a terminal would obey
# What was damaged and is made again; what has happened before the error; where a cache is.
_NOTICE = re.compile(r"put aside|makes it again|^\d\d:\d\d:\d\d |Matplotlib")


@dataclass(frozen=True)
class Attempt:
    """A command.

    Attributes:
        command: its name.
        words: what it is given.
        writes: names of files and folders of the current folder in which it may do anything.
    """

    command: str
    words: Sequence[str]
    writes: Sequence[str] = ()


@dataclass
class Outcome:
    """How it ended.

    Attributes:
        code: exit code; None where there is none.
        out, err: what it printed.
        seconds: how long it took.
        problems: what must not be, a line or a traceback each; none if all is well.
    """

    code: int | None = None
    out: str = ""
    err: str = ""
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


class _TooLong(BaseException):
    """The time is over. No `Exception`: nobody may catch it."""


def tried(attempt: Attempt, folder: Path, root: Path, free: Sequence[Path]) -> Outcome:
    """Give a command in a folder.

    Args:
        attempt: the command.
        folder: where it is given.
        root: what is looked at before and after: the folder and what is around it.
        free: further folders in which anything may be done: the temporary one, and home.
    """
    allowed = [*(folder / name for name in attempt.writes), *free]
    before, outcome, began = Snapshot(root, allowed), Outcome(), time.monotonic()
    memory = _memory()
    os.chdir(folder)
    with guarded(allowed) as seen, _captured(outcome), _limited():
        try:
            outcome.code = importlib.import_module(MODULES[attempt.command]).main(list(attempt.words))
        except SystemExit as end:
            outcome.code = end.code if isinstance(end.code, int) else 1
        except _TooLong:
            outcome.problems.append(f"a hang: {time.monotonic() - began:.1f} s\n{traceback.format_exc()}")
        except BaseException:
            outcome.problems.append(f"an escaped exception\n{traceback.format_exc()}")
    outcome.seconds = time.monotonic() - began
    if (grown := _memory() - memory) > _MEMORY:
        outcome.problems.append(f"{grown / 2**20:.0f} MiB of memory")
    outcome.problems += [f"elsewhere: {line}" for line in dict.fromkeys(seen)]
    outcome.problems += [f"elsewhere: {line}" for line in before.differences()]
    outcome.problems += _wrong_words(outcome)
    return outcome


def _wrong_words(outcome: Outcome) -> Iterator[str]:
    """What the words and the code have that they must not."""
    if "this is a bug" in outcome.err:
        yield f"a bug: {outcome.err}"
    if "Traceback (most recent" in outcome.out + outcome.err:
        yield "a traceback"
    if found := _RAW.search(outcome.out + outcome.err):
        yield f"the character {found[0]!r} as it is"
    if outcome.code is not None and outcome.code not in (0, 1, 2):
        yield f"exit code {outcome.code}"
    lines = [line for line in outcome.err.splitlines() if not _NOTICE.search(line)]
    if outcome.code == 2 and not (len(lines) == 1 and lines[0].startswith("error: ")):
        yield "not one line of error"


@contextlib.contextmanager
def _captured(outcome: Outcome) -> Iterator[None]:
    """What is printed, as a file would get it."""
    files = [io.BytesIO(), io.BytesIO()]
    streams = [io.TextIOWrapper(file, encoding="utf-8", write_through=True) for file in files]
    streams[1].reconfigure(errors="backslashreplace")
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        yield
    outcome.out, outcome.err = (file.getvalue().decode("utf-8", "backslashreplace") for file in files)


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """An end when the time is over; what does not come back from C ends with the process, its stack on stderr."""

    def over(number: int, frame: FrameType | None) -> None:
        raise _TooLong

    signal.signal(signal.SIGALRM, over)
    signal.signal(signal.SIGPROF, over)
    faulthandler.dump_traceback_later(PATIENCE_S + _GRACE_S, exit=True, file=sys.__stderr__)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
    signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


def _memory() -> int:
    """The most bytes that this process ever had."""
    return peak_memory(torch.device("cpu"))
