"""Places to write to that a user names, tried before the work begins."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assay.config.errors import UserError

__all__ = ["check_file", "check_folder"]


def check_file(path: Path, option: str) -> None:
    """Refuse a file that cannot be written.

    Raises:
        UserError: its folder cannot be made or written to, its name is none, or a folder or device has it.
    """
    with _told(path, option, "the name of a file"):
        if path.exists() and not path.is_file():
            raise OSError("this is a folder" if path.is_dir() else "this is no file, but a device, a pipe or the like")
    check_folder(path.parent, option)


def check_folder(path: Path, option: str) -> None:
    """Refuse a folder that cannot be made or written to; what is made to find out is gone afterwards.

    Raises:
        UserError: a file or a link that leads nowhere is in the way, or the system does not allow it.
    """
    made: list[Path] = []
    with _told(path, option, "a folder that can be made and written to"):
        try:
            for place in reversed((path, *path.parents)):
                if not place.is_dir():
                    _make(place)
                    made.append(place)
            tempfile.TemporaryFile(dir=path).close()
        finally:
            for place in reversed(made):
                with contextlib.suppress(OSError):  # somebody else uses it already
                    place.rmdir()


def _make(folder: Path) -> None:
    try:
        folder.mkdir()
    except FileExistsError as error:
        there = f"{folder} is a file"
        if folder.is_symlink():
            there = f"{folder} is a link to {folder.readlink()}, and there is no such folder"
        if not folder.is_dir():  # made by somebody else in this moment
            raise OSError(there) from error


@contextlib.contextmanager
def _told(path: Path, option: str, expected: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"{option} {path}: expected {expected}; {reason}") from error
