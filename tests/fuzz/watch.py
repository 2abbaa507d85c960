"""What a command does to the files around it, seen as it happens and held against what was there before."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Snapshot", "guarded"]

_PROGRAMS = {"git", "uname"}  # of which commit the code is, and on which machine
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NAMELESS = getattr(os, "O_TMPFILE", -1)  # a file that is nowhere
# Event -> which of its arguments are paths that change, and where the folder is that they are relative to.
_CHANGES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "os.mkdir": ((0,), (2,)),
    "os.remove": ((0,), (1,)),
    "os.rmdir": ((0,), (1,)),
    "os.rename": ((0, 1), (2, 3)),
    "os.link": ((1,), (3,)),
    "os.symlink": ((1,), (2,)),
    "os.truncate": ((0,), ()),
    "os.chmod": ((0,), (2,)),
    "os.chown": ((0,), (3,)),
    "os.utime": ((0,), (3,)),
}
_FORBIDDEN = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "socket.connect", "socket.bind")


class Snapshot:
    """The files below a folder as they are.

    Args:
        root: the folder.
        without: folders below it that are not looked at.
    """

    def __init__(self, root: Path, without: Sequence[Path]) -> None:
        self._root, self._without = root, {str(folder) for folder in without}
        self._files = dict(self._look(str(root)))

    def differences(self) -> list[str]:
        """What is not as it was, a line each."""
        now = dict(self._look(str(self._root)))
        names = sorted(name for name in self._files.keys() | now.keys() if self._files.get(name) != now.get(name))
        return [f"{self._what(name, now)} {name}" for name in names]

    def _what(self, name: str, now: dict[str, tuple[Any, ...]]) -> str:
        return "made" if name not in self._files else "removed" if name not in now else "changed"

    def _look(self, folder: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
        for entry in os.scandir(folder):
            if entry.path in self._without:
                continue
            state = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(state.st_mode):
                yield entry.path, (state.st_mode,)
                yield from self._look(entry.path)
            else:
                yield entry.path, (state.st_mode, state.st_size, state.st_mtime_ns, state.st_ino)


class _Guard:
    """An audit hook cannot be taken away again; it looks only while it is told to."""

    def __init__(self) -> None:
        self.allowed: tuple[str, ...] | None = None
        self.seen: list[str] = []
        self.hooked = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.allowed is None:
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITES and flags & _NAMELESS != _NAMELESS:
                self._check(event, path, -1)
        elif event in _CHANGES:
            paths, folders = _CHANGES[event]
            for number, index in enumerate(paths):
                at = arguments[folders[number]] if number < len(folders) and folders[number] < len(arguments) else -1
                self._check(event, arguments[index], at)
        elif event == "subprocess.Popen" and Path(os.fsdecode(arguments[0])).name not in _PROGRAMS:
            self.seen.append(f"started {arguments[0]} {arguments[1]}")
        elif event in _FORBIDDEN:
            self.seen.append(f"{event} {arguments[1:]}")

    def _check(self, event: str, path: Any, folder: Any) -> None:
        if isinstance(path, int):
            return
        place = os.fsdecode(path)
        if isinstance(folder, int) and folder >= 0:
            place = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), place)
        # The folder is followed to where it is; whether the last part is a link does not matter to most of these.
        parent, name = os.path.split(os.path.abspath(place))
        real = os.path.join(os.path.realpath(parent), name)
        assert self.allowed is not None
        if not any(real == each or real.startswith(f"{each}/") for each in self.allowed):
            self.seen.append(f"{event} {real}")


_GUARD = _Guard()


@contextlib.contextmanager
def guarded(allowed: Sequence[Path]) -> Iterator[list[str]]:
    """What writes, removes or starts something elsewhere, a line each as it happens.

    Args:
        allowed: folders in which anything may be done.
    """
    if not _GUARD.hooked:
        sys.addaudithook(_GUARD)
        _GUARD.hooked = True
    _GUARD.seen = []
    _GUARD.allowed = (os.devnull, *(os.path.realpath(folder) for folder in allowed))
    try:
        yield _GUARD.seen
    finally:
        _GUARD.allowed = None
