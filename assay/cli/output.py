"""Places to write to that a user names, checked before the work begins."""

from __future__ import annotations

from pathlib import Path

from assay.config.errors import UserError

__all__ = ["check_file", "check_folder"]


def check_file(path: Path, option: str) -> None:
    """Refuse a file that cannot be made.

    Raises:
        UserError: there is a folder of this name, or a file where a folder is needed.
    """
    if path.is_dir():
        raise UserError(f"{option} {path}: expected the name of a file; this is a folder")
    check_folder(path.parent, option)


def check_folder(path: Path, option: str) -> None:
    """Refuse a folder that cannot be made.

    Raises:
        UserError: it, or one above it, is a file.
    """
    for place in (path, *path.parents):
        if place.exists() and not place.is_dir():
            raise UserError(f"{option} {path}: expected a folder; {place} is a file")
