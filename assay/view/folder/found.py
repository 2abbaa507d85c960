"""Which runs and stores are below a folder; nothing that a link leads to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.config.errors import UserError
from assay.store.received.inside import inside
from assay.store.run.whereabouts import PACKED
from assay.store.store import CHECKPOINTS, STAGES, TRIALS

__all__ = ["SEARCH", "Found", "found", "is_search"]

SEARCH = "search.json"
_RECORDS = {"run.json", SEARCH}
_DEEPEST = 6  # below the folder
_MOST = 20_000  # folders that are looked into
_STORE = {STAGES, TRIALS}


@dataclass(frozen=True)
class Found:
    """What is below a folder, by its path from there; `.` is the folder itself.

    Attributes:
        runs: folders of ablations and searches.
        stores: folders of stores.
    """

    runs: Mapping[str, Path]
    stores: Mapping[str, Path]


def is_search(folder: Path) -> bool:
    """Whether the folder is that of a search; it is a run too once the best were confirmed."""
    return (folder / SEARCH).is_file()


def found(root: Path) -> Found:
    """Look for runs and stores; a folder inside a run or a store is not looked into.

    Raises:
        UserError: the folder is not there, or cannot be read.
    """
    if not root.is_dir():
        raise UserError(f"{root}: expected the folder of a run, or one with runs in it; there is none")
    try:
        os.scandir(root).close()
    except OSError as error:  # a walk would find nothing, in silence
        expected = "expected a folder that can be read and looked into"
        raise UserError(f"{root}: {expected}; {error.strerror}: get its permission, or name another one") from error
    runs, stores = {}, {}
    for name, path, is_run in _walk(root):
        if is_run:
            runs[name] = path
        else:
            stores[name] = path
    return Found(dict(sorted(runs.items())), dict(sorted(stores.items())))


def _walk(root: Path) -> Iterator[tuple[str, Path, bool]]:
    """Path from the root, the folder, and whether it is a run; else it is a store."""
    for count, (place, folders, files) in enumerate(os.walk(root)):
        path = Path(place)
        name = path.relative_to(root).as_posix()
        if not _RECORDS.isdisjoint(files):
            yield from _named(root, name, is_run=True)
            folders[:] = [each for each in folders if each == PACKED]
        elif not _STORE.isdisjoint(folders):
            yield from _named(root, name, is_run=False)
            folders[:] = [each for each in folders if each not in {*_STORE, CHECKPOINTS, "damaged"}]
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        if name.count("/") + 1 >= _DEEPEST or count > _MOST:
            folders.clear()


def _named(root: Path, name: str, *, is_run: bool) -> Iterator[tuple[str, Path, bool]]:
    """What has a name that an address can hold."""
    if name.isprintable():
        yield name, inside(root, name), is_run
