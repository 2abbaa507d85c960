"""Names that may become paths."""

from __future__ import annotations

import hashlib
import re

__all__ = ["safe_name"]


def safe_name(name: str) -> str:
    """`name` as a file name: letters, digits, dot, dash and underscore, no leading dot, at most 100 characters.

    A name that is too long ends with a hash of the whole.
    """
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name).lstrip(".") or "_"
    return safe if len(safe) <= 100 else f"{safe[:87]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
