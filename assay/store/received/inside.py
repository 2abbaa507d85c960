"""What a received store or run may name: checked before it becomes a path, and when it does."""

from __future__ import annotations

import os
import re
from pathlib import Path

from assay.config.errors import UserError
from assay.store.received.names import is_file_name

__all__ = ["Outside", "check_entry_file", "check_fingerprint", "inside"]

_FINGERPRINT = re.compile(r"[0-9a-f]{32}")


class Outside(UserError):
    """A path leads out of the folder that it was given for."""


def check_fingerprint(name: str) -> str:
    """The name of an entry, as it is: 32 hexadecimal digits.

    Raises:
        UserError: it is something else.
    """
    if not _FINGERPRINT.fullmatch(name):
        raise UserError(f"expected a fingerprint, 32 hexadecimal digits; got {name[:80]!r}")
    return name


def check_entry_file(name: str) -> str:
    """The name of a file of an entry, as it is: `state.safetensors`, `images/001.png`.

    Raises:
        UserError: it has other than one or two plain parts, or is that of the record itself.
    """
    parts = name.split("/")
    if len(parts) > 2 or not all(map(is_file_name, parts)) or name == "record.json":
        raise UserError(f"expected the name of a file of an entry; got {name[:80]!r}")
    return name


def inside(root: Path, *parts: str) -> Path:
    """The path below a root, every link on the way followed to its end.

    Args:
        root: a folder; it may be a link itself, and need not be there.
        parts: as they are joined to it.

    Raises:
        Outside: the path is absolute, climbs out, or a link below the root leads out of it.
    """
    place = root.joinpath(*parts)
    if not Path(os.path.realpath(place)).is_relative_to(os.path.realpath(root)):
        raise Outside(f"{place} leads out of {root}: expected a file in it; remove what leads out")
    return place
