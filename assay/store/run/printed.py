"""What a process and its children print while they work on a trial: in a file that is there even if they die."""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from assay.config.errors import is_own

__all__ = ["KEPT_BYTES", "last_words", "printed_in", "printed_to", "tell"]

KEPT_BYTES = 2**16  # of the end of what is printed
_MOST_BYTES = 2**22  # of the file, before its beginning is let go
_LOOK_S = 1.0
_DIED = re.compile(r"^(?:Fatal Python error: (?P<fatal>[^\n]+)|(?P<exit>os\._exit\(-?\d+\)) was called)$", re.MULTILINE)
_FRAME = re.compile(r'^ +File "(?P<file>[^"\n]+)", line (?P<line>\d+) in ', re.MULTILINE)

_open: list[int] = []  # descriptors of the files that are written at present


@contextlib.contextmanager
def printed_to(path: Path) -> Iterator[None]:
    """Within, what this process prints goes to the end of a file, and so does that of whatever it starts.

    A crash, and a call of `os._exit`, leave their place in the code there: see `last_words`.

    Args:
        path: of the file; what it has from an earlier try stays.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(file, over), name="assay-printed", daemon=True)
    watch.start()
    _open.append(file)
    try:
        with _descriptors(file), _streams(), _exits():
            yield
    finally:
        _open.remove(file)
        over.set()
        watch.join()
        os.close(file)


def tell(data: bytes) -> None:
    """Add what was printed elsewhere on behalf of this process; nothing if it prints to no file of ours."""
    if _open:
        os.write(_open[-1], data)


def printed_in(path: Path) -> str:
    """The end of what a file has, as text; empty if there is none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - KEPT_BYTES))
            data = file.read(KEPT_BYTES)
    except OSError:
        return ""
    gap = f"[the {size - len(data)} bytes before are left out]\n" if size > len(data) else ""
    return gap + data.decode("utf-8", "replace")


def last_words(printed: str) -> str:
    """How a process died, and where in a user's code, as far as it could still say so; empty if it could not."""
    found = list(_DIED.finditer(printed))
    if not found:
        return ""
    how = found[-1]["fatal"] or found[-1]["exit"]
    place = max(found[-1].end(), printed.find("Current thread", found[-1].end()))
    frames = _FRAME.finditer(printed, place)
    own = next((frame for frame in frames if is_own(frame["file"])), None)
    return f"{how} ({Path(own['file']).name}, line {own['line']})" if own else str(how)


def _watch(file: int, over: threading.Event) -> None:
    """Let go of the beginning of a file that grows too long; what is written in this moment may go too."""
    while not over.wait(_LOOK_S):
        if (size := os.fstat(file).st_size) > _MOST_BYTES:
            end = os.pread(file, KEPT_BYTES, size - KEPT_BYTES)
            os.ftruncate(file, 0)
            os.write(file, b"[what was printed before is left out]\n" + end)


@contextlib.contextmanager
def _descriptors(file: int) -> Iterator[None]:
    before = [os.dup(1), os.dup(2)]
    os.dup2(file, 1)
    os.dup2(file, 2)
    try:
        yield
    finally:
        for place, saved in enumerate(before, 1):
            os.dup2(saved, place)
            os.close(saved)


@contextlib.contextmanager
def _streams() -> Iterator[None]:
    """Python's own, whatever stands in for them; a crash writes to descriptor 2."""
    before, was_on = (sys.stdout, sys.stderr), faulthandler.is_enabled()
    faulthandler.enable(file=2)
    streams = [_stream(place) for place in (1, 2)]
    sys.stdout, sys.stderr = streams
    try:
        yield
    finally:
        for stream in streams:
            stream.flush()
        sys.stdout, sys.stderr = before
        if not was_on:
            faulthandler.disable()


def _stream(descriptor: int) -> io.TextIOWrapper:
    """Line by line, so that a crash loses none; whoever keeps it writes to the descriptor later too."""
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=True)


@contextlib.contextmanager
def _exits() -> Iterator[None]:
    """`os._exit` says who called it; a child of this process, which ends by it, says nothing."""
    before, own = os._exit, os.getpid()

    def told(status: int) -> NoReturn:
        if os.getpid() == own:
            os.write(2, f"os._exit({status}) was called\n".encode())
            faulthandler.dump_traceback(file=2, all_threads=False)
        before(status)

    module: Any = os
    module._exit = told
    try:
        yield
    finally:
        module._exit = before
