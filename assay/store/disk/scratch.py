"""Folders for the time of a run that nobody but the user can enter; gone with their processes, however these end."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from assay.config.errors import UserError

__all__ = ["SCRATCH", "is_private", "node_folder", "scratch_folder"]

SCRATCH = "ASSAY_SCRATCH"  # in the environment of a run's workers: the name of its scratch folder
_PREFIX = "assay-"
_NAME = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}")  # what mkdtemp makes of the prefix
_MARKER = b"A scratch folder of assay: who can lock this file may remove the folder.\n"
_LONGEST_PARENT = 20  # Ray puts sockets some 83 characters below, and the path of a socket holds 103 (macOS) or 107
_NO_SURPRISE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # neither a link nor a pipe without a writer

_held: dict[Path, BinaryIO] = {}  # locked until this process ends


@contextlib.contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """A new folder, removed at the end; whoever comes next removes it if this process is killed.

    Nobody else can enter it, whatever becomes of the modes of what is in it (`is_private`).

    Args:
        parent: where to make it; the temporary folder of the machine if None, `/tmp` where that has too long a path.

    Raises:
        UserError: it cannot be made there.
    """
    parent = parent or _temporary_folder()
    try:
        _remove_abandoned(parent)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    except OSError as error:
        raise _unusable(parent, error) from error
    try:
        with _new_lock(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def node_folder() -> Path | None:
    """A folder of this run on this machine, the same for all of its workers here, which nobody else can enter.

    It goes with the run; on another machine than the driver's, when the user's next run begins there.

    Returns:
        None in a process that is no worker of a run.

    Raises:
        UserError: it cannot be made, or is not the user's alone.
    """
    name = os.environ.get(SCRATCH, "")
    if not _NAME.fullmatch(name):
        return None
    folder = _temporary_folder() / name
    try:
        with contextlib.suppress(FileExistsError):  # the driver's, or another worker's
            folder.mkdir(mode=0o700)
        if not is_private(folder):
            raise UserError(f"{folder} is not the user's alone (mode 0700): give the same command again")
        _hold(folder)
        (folder / "node").mkdir(exist_ok=True)
    except OSError as error:
        raise _unusable(folder.parent, error) from error
    return folder / "node"


def is_private(folder: Path) -> bool:
    """Whether this is a folder of the user's, no link to one, that nobody else can enter."""
    try:
        about = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and _is_ours(about) and not about.st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def _unusable(parent: Path, error: OSError) -> UserError:
    return UserError(f"no folder can be made in {parent} ({error.strerror}): give another RAY_TMPDIR")


def _is_ours(about: os.stat_result) -> bool:
    return about.st_uid == os.geteuid()


def _temporary_folder() -> Path:
    """Where paths are short, and nobody can put something else in the place of what we make.

    Raises:
        UserError: there is none.
    """
    for chosen in (os.environ.get("RAY_TMPDIR"), os.environ.get("TMPDIR"), "/tmp"):
        if chosen and len(folder := os.path.abspath(chosen)) <= _LONGEST_PARENT and _keeps(folder):
            return Path(folder)
    raise UserError(
        f"no temporary folder will do: expected /tmp, or RAY_TMPDIR with a path of at most {_LONGEST_PARENT} "
        "characters, writable, and where only the owner of a file may rename it (mode 1777, or 0700)"
    )


def _keeps(folder: str) -> bool:
    """Whether it can be written to, and nobody else can rename what lies in it."""
    try:
        about = os.stat(folder)
    except OSError:
        return False
    only_owner = about.st_uid in (0, os.geteuid()) and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    safe = only_owner or about.st_mode & stat.S_ISVTX
    return stat.S_ISDIR(about.st_mode) and bool(safe) and os.access(folder, os.W_OK | os.X_OK)


def _remove_abandoned(parent: Path) -> None:
    """Remove scratch folders whose processes are gone: ours by name, owner, mode and marker, and not locked."""
    with os.scandir(parent) as entries:
        names = [entry.name for entry in entries if _NAME.fullmatch(entry.name)]
    for folder in (parent / name for name in names):
        with contextlib.suppress(OSError):  # still in use, or gone by now
            if is_private(folder):
                with _open_lock(folder, os.O_RDONLY) as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if lock.read(len(_MARKER) + 1) == _MARKER:
                        shutil.rmtree(folder, ignore_errors=True)


def _new_lock(folder: Path) -> BinaryIO:
    """A lock file with our marker, which nobody sees before it is locked; the system lets go of it with the process."""
    try:
        lock = (folder / "new").open("xb", buffering=0)
        lock.write(_MARKER)
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / "new").rename(folder / "lock")
    except OSError as error:
        raise _unusable(folder.parent, error) from error
    return lock


def _hold(folder: Path) -> None:
    """Nobody takes the folder for abandoned while this process lives."""
    if folder in _held:
        return
    lock = _open_lock(folder, os.O_RDWR | os.O_CREAT)
    with contextlib.suppress(BlockingIOError):  # the driver is on this machine: it holds it for us
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    if not lock.read(1):
        lock.write(_MARKER)
    _held[folder] = lock


def _open_lock(folder: Path, flags: int) -> BinaryIO:
    """The lock file of a folder.

    Raises:
        OSError: there is none, or it is a link, a pipe or another user's.
    """
    handle = os.open(folder / "lock", flags | _NO_SURPRISE, 0o600)
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode) or not _is_ours(about):
        os.close(handle)
        raise PermissionError(errno.EPERM, "not our lock", str(folder / "lock"))
    return os.fdopen(handle, "r+b" if flags & os.O_RDWR else "rb", buffering=0)
