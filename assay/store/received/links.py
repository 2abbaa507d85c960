"""Folders that may come from somebody else, before anything is written or removed in them."""

from __future__ import annotations

import os
from pathlib import Path

from assay.config.errors import UserError

__all__ = ["refuse_links"]


def refuse_links(folder: Path) -> None:
    """Refuse a folder with links to folders in it: what is done there would be done elsewhere.

    The folder itself may be one, and links to files do no harm: a file is replaced, not written through.

    Raises:
        UserError: there is one.
    """
    for place, below, _ in os.walk(folder):
        for path in (Path(place, name) for name in below):
            if path.is_symlink():
                raise UserError(f"{path} is a link to {path.readlink()}: expected a folder of the run's own; remove it")
