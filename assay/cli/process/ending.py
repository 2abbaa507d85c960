"""When a command that works on a run ends, however it does: a line that other programs can catch, and one to be run."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

from assay.cli.process.streams import Copied
from assay.config.errors import one_line
from assay.config.text.credentials import redacted

__all__ = ["ENDING", "add_notify"]

_PATIENCE_S = 60.0  # for the command of `--notify`
_OUTCOMES = {0: "finished", 130: "stopped"}
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def add_notify(parser: argparse.ArgumentParser) -> None:
    """Add the option `--notify`."""
    text = "run COMMAND in your shell when it has ended, however it did: $ASSAY_LINE says how (docs/terminal.md)"
    parser.add_argument("--notify", type=_command, metavar="COMMAND", help=text)


def _command(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise argparse.ArgumentTypeError("expected a command of your shell; got an empty one")
    return text


@dataclass(frozen=True)
class _Work:
    """A command that has begun to work on a run.

    Attributes:
        name: what was typed.
        folder: of the run.
        began: by `time.monotonic`.
        notify: what is to be run at the end.
        printed: what it printed.
    """

    name: str
    folder: Path
    began: float
    notify: str | None
    printed: Copied


class _Ending:
    """The end of the command that works at present, if one does: a process has one."""

    def __init__(self) -> None:
        self._work: _Work | None = None

    def begun(self, name: str, folder: Path, began: float, notify: str | None = None) -> None:
        """A command works on a run from now on.

        Args:
            name: of the command.
            folder: of the run.
            began: when the command was given, by `time.monotonic`.
            notify: a command that is run at the end.
        """
        printed = Copied(sys.stdout)
        self._work, sys.stdout = _Work(name, folder, began, notify, printed), cast(TextIO, printed)

    @property
    def working(self) -> bool:
        """Whether a command has begun to work, and was not refused before."""
        from assay.store.run.log import is_begun

        return self._work is not None and is_begun(self._work.folder)

    def over(self, code: int) -> None:
        """Run what was given to `--notify`, and say so, as the last line on stderr and in the run's log."""
        if (work := self._work) is None:
            return
        from assay.store.run.log import RunLog, was_begun

        self._work, sys.stdout = None, work.printed.stream
        if not was_begun(work.folder):  # it was refused, which one line has told
            return
        seconds = time.monotonic() - work.began
        line = f"assay: done {work.name} {_folder(work.folder)} code {code} in {_duration(seconds)}"
        log = RunLog(work.folder)
        log.quote(_COLOUR.sub("", work.printed.text))
        if work.notify and (trouble := _notify(work.notify, _outcome(work, code, seconds, line))):
            log.write(trouble)
            _tell(trouble)
        log.write(line)
        _tell(line)


ENDING = _Ending()


def _folder(folder: Path) -> str:
    return one_line(shlex.quote(str(folder)))


def _duration(seconds: float) -> str:
    from assay.console.amounts import duration

    return duration(seconds)


def _outcome(work: _Work, code: int, seconds: float, line: str) -> dict[str, str]:
    """What a command finds in its environment."""
    return {
        "ASSAY_COMMAND": work.name,
        "ASSAY_RUN": str(work.folder.absolute()),
        "ASSAY_CODE": str(code),
        "ASSAY_OUTCOME": _OUTCOMES.get(code, "failed"),
        "ASSAY_SECONDS": f"{seconds:.0f}",
        "ASSAY_LINE": line,
    }


def _notify(command: str, outcome: dict[str, str]) -> str:
    """Run it, for a minute at most; returns what went wrong, in a line.

    What it prints goes to stderr, since stdout holds the table alone.
    """
    shell = os.environ.get("SHELL") or "/bin/sh"
    try:
        process = subprocess.Popen(
            [shell, "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=2,
            env={**os.environ, **outcome},
            process_group=0,
        )
    except OSError as error:
        return f"warning: --notify: {shell} cannot be run: {error.strerror}"
    try:
        code = process.wait(_PATIENCE_S)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        why = "it was stopped" if isinstance(error, KeyboardInterrupt) else f"it took longer than {_PATIENCE_S:.0f} s"
        return f"warning: --notify: {why}: {command}"
    return f"warning: --notify: code {code} of {command}" if code else ""


def _tell(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # stderr is closed, or its disk is full
        print(one_line(redacted(line)), file=sys.stderr, flush=True)
