"""A command as processes that end with the trial, whatever happens to it or to the worker, and its output as a log."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.command import supervisor
from assay.config.errors import one_line
from assay.store.run.printed import tell

__all__ = ["Ended", "Log", "run_command"]

GRACE_S = 5.0  # between SIGTERM and SIGKILL
_POLL_S = 0.1
_FIRST_BYTES, _LAST_BYTES = 2**18, 2**20  # of the output that are kept


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        problem: empty if it did what it should: it exited with 0.
        log: what it printed.
    """

    problem: str
    log: bytes


class Log:
    """What a command prints: its beginning and its end, so that neither memory nor disk fills."""

    def __init__(self) -> None:
        self._first, self._last, self._left_out = bytearray(), bytearray(), 0
        self._lock = threading.Lock()

    def add(self, data: bytes) -> None:
        """Keep some more."""
        with self._lock:
            room = _FIRST_BYTES - len(self._first)
            self._first += data[:room] if room > 0 else b""
            self._last += data[room:] if room > 0 else data
            if (surplus := len(self._last) - _LAST_BYTES) > 0:
                del self._last[:surplus]
                self._left_out += surplus

    def content(self) -> bytes:
        """All that is kept."""
        with self._lock:
            gap = f"\n[{self._left_out} bytes are left out here]\n".encode() if self._left_out else b""
            return bytes(self._first) + gap + bytes(self._last)

    @property
    def last_line(self) -> str:
        """As a terminal would show it; empty if nothing was printed."""
        lines = re.split(r"[\r\n]+", self.content()[-8192:].decode("utf-8", "replace"))
        return next((one_line(line, most=200) for line in reversed(lines) if line.strip()), "")


def run_command(
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    look: Callable[[], None] = lambda: None,
    grace_s: float = GRACE_S,
) -> Ended:
    """Run a command to its end; when this returns or raises, none of its processes is left.

    On other systems than Linux a grandchild that makes a session of its own, or whose parent ended before it, is not
    found. Where the supervisor itself is killed, the command goes with it, its grandchildren may not.

    Args:
        words: program and arguments.
        folder: where it runs.
        environment: all that it gets.
        look: called several times a second while it runs; what it raises ends the command.
        grace_s: seconds from SIGTERM to SIGKILL.
    """
    process, told = _supervised(words, folder, environment, grace_s)
    log = Log()
    reader = threading.Thread(target=_read, args=(process, log), daemon=True)
    reader.start()
    with os.fdopen(told, "rb") as said:
        try:
            while _waits(process):
                look()
        finally:
            assert process.stdin is not None
            process.stdin.close()  # ends what is left
            process.wait()
            reader.join(timeout=2 * grace_s)
        return Ended(_problem(said.read().decode(errors="replace"), words[0], log), log.content())


def _supervised(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], grace_s: float
) -> tuple[subprocess.Popen[bytes], int]:
    """The supervisor at work, and the descriptor on which it says how the command ended."""
    told, status = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", supervisor.__file__, str(status), str(grace_s), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
            pass_fds=(status,),
        )
    except BaseException:
        os.close(told)
        raise
    finally:
        os.close(status)
    return process, told


def _waits(process: subprocess.Popen[bytes]) -> bool:
    """Wait a moment; whether the supervisor is still there."""
    try:
        process.wait(_POLL_S)
    except subprocess.TimeoutExpired:
        return True
    return False


def _read(process: subprocess.Popen[bytes], log: Log) -> None:
    assert process.stdout is not None
    with process.stdout as pipe:
        while data := os.read(pipe.fileno(), 2**16):
            log.add(data)
            tell(data)


def _problem(status: str, program: str, log: Log) -> str:
    """Why a command cannot count, with its last line; empty if it exited with 0."""
    how, _, code = status.partition(": ")
    if how == supervisor.NOT_STARTED:
        return f"the command cannot be started: {one_line(program, most=200)}: {one_line(code)}"
    if how != supervisor.ENDED:
        return "the command was killed from outside"
    if code == "0":
        return ""
    told = f"was killed by signal {code[1:]}" if code.startswith("-") else f"ended with exit code {code}"
    return f"the command {told}: {log.last_line or 'it printed nothing'}"
