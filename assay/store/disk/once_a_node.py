"""Arrays that one worker of a run makes, and the others on its machine map into their memory."""

from __future__ import annotations

import contextlib
import fcntl
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.config.errors import UserError
from assay.store.disk.scratch import node_folder

__all__ = ["NodeArrays", "once_a_node"]

_MOST_BYTES = 4 * 2**30  # of one key
_LEFT_FREE_BYTES = 512 * 2**20  # others need room too
_NAME = re.compile(r"[0-9a-z][0-9a-z-]*")


@dataclass(frozen=True)
class NodeArrays:
    """Arrays by name, in files of this machine."""

    folder: Path

    def __getitem__(self, name: str) -> np.ndarray:
        """Mapped, not read; what one process writes into it no other sees."""
        array: np.ndarray = np.load(self.folder / f"{name}.npy", mmap_mode="c")
        return array


def once_a_node(key: str, make: Callable[[], Iterable[tuple[str, np.ndarray]]]) -> NodeArrays | None:
    """What `make` gives, made once on each machine of a run.

    The first worker that asks makes and writes it, whole or not at all; others wait for that, and have one copy in
    memory with it. It goes with the run's folder on the machine (`node_folder`).

    Args:
        key: of exactly what decides the arrays, given code and packages: these are the same in all workers of a run.
        make: gives arrays with their names, one after the other; called by this worker or by another one. Names and
            keys are of small letters, digits and hyphens.

    Returns:
        The arrays. None where there is nothing to share: this process is no worker of a run, or its machine has no room
        (every array was asked for in vain, if it was this worker that found out).

    Raises:
        Exception: what `make` raises.
    """
    try:
        folder = node_folder()
    except UserError:  # each for itself, then
        return None
    if folder is None:
        return None
    place, no_room = folder / _checked(key), folder / f"{key}.no-room"
    with contextlib.nullcontext() if place.is_dir() else _alone(folder / f"{key}.lock"):
        if place.is_dir() or (not no_room.exists() and _written(make(), place)):
            return NodeArrays(place)
        with contextlib.suppress(OSError):
            no_room.touch()
        return None


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"expected a name of small letters, digits and hyphens; got {name!r}")
    return name


def _written(arrays: Iterable[tuple[str, np.ndarray]], place: Path) -> bool:
    """Put arrays into a folder that is there whole or not at all; whether there was room."""
    part, room = Path(tempfile.mkdtemp(dir=place.parent, prefix=".part-")), _MOST_BYTES
    try:
        for name, array in arrays:
            room -= array.nbytes
            if room < 0 or not _saved(part / f"{_checked(name)}.npy", array):
                return False
        part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True


def _saved(path: Path, array: np.ndarray) -> bool:
    try:
        if shutil.disk_usage(path.parent).free - array.nbytes < _LEFT_FREE_BYTES:
            return False
        with path.open("xb") as file:
            np.save(file, array, allow_pickle=False)
    except OSError:  # others were quicker to fill the disk
        return False
    return True


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process after the other; a lock goes with its process, however that ends."""
    with lock.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
