"""The log of a run's folder: one command after the other, what was typed, what it said, and how it ended."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from assay.config.errors import one_line
from assay.config.text.command_line import typed
from assay.config.text.credentials import redacted

__all__ = ["LOG_FILE", "RunLog", "is_begun", "was_begun"]

LOG_FILE = "log.txt"
_begun: set[Path] = set()  # folders in which commands of this process have worked


def is_begun(folder: Path) -> bool:
    """Whether a command has worked there since `was_begun` was asked last."""
    return folder in _begun


def was_begun(folder: Path) -> bool:
    """Whether a command has worked there since this was asked last; none has that was refused before."""
    there = folder in _begun
    _begun.discard(folder)
    return there


class RunLog:
    """Appends to the log, for people; nothing is read from it, and a disk that does not take it ends no run.

    Args:
        folder: of the run or search.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / LOG_FILE

    def write(self, line: str) -> None:
        """A line with its time, without what opens a storage."""
        self._append(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {one_line(redacted(line))}\n")

    def quote(self, text: str) -> None:
        """Lines that were printed, indented below the last one."""
        self._append("".join(f"    {redacted(line)}".rstrip() + "\n" for line in text.splitlines()))

    @contextlib.contextmanager
    def command(self, words: Sequence[str]) -> Iterator[None]:
        """Within, a command works: its beginning, every warning, and its end are kept.

        Args:
            words: what was typed, or the call.
        """
        began, logger = time.monotonic(), logging.getLogger("assay")
        # Where nobody else takes warnings, logging prints them itself, but only as long as there is no handler.
        printing = [logging.lastResort] if logging.lastResort and not logger.hasHandlers() else []
        handlers: list[logging.Handler] = [_Warnings(self), *printing]
        _begun.add(self._folder)
        self.write(f"began (process {os.getpid()}): {typed(words) or 'a call from Python'}")
        for handler in handlers:
            logger.addHandler(handler)
        try:
            yield
        except BaseException as error:
            told = "stopped" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
            self.write(f"ended after {time.monotonic() - began:.0f} s, before its end: {told}")
            raise
        else:
            self.write(f"ended after {time.monotonic() - began:.0f} s")
        finally:
            for handler in handlers:
                logger.removeHandler(handler)

    def _append(self, text: str) -> None:
        # A folder may come from somebody else: no link is followed, and a pipe is not waited for.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with contextlib.suppress(OSError):
            handle = os.open(self._path, flags, 0o666)
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8", errors="backslashreplace"))


class _Warnings(logging.Handler):
    """Of the engine, into a log."""

    def __init__(self, log: RunLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.write(f"{record.levelname.lower()}: {record.getMessage()}")
