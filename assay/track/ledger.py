"""What a tracker has been told already: whoever goes on with a run tells it the rest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["Ledger", "digest_of"]


def digest_of(content: Mapping[str, Any]) -> str:
    """Of something that is told: the same whatever time was spent on it, and by which commit it was told."""
    decisive = {name: value for name, value in content.items() if name not in ("seconds", "about")}
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:32]


class Ledger:
    """A file with a line for each thing that was told; a line that cannot be read counts as not there.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: dict[tuple[str, str], str] = {}
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
        for line in lines:
            try:
                where, name, digest = map(str, json.loads(line))
            except (ValueError, TypeError):
                continue
            self._told[where, name] = digest

    def has(self, where: str, name: str, digest: str) -> bool:
        """Whether this was told there, as it is now."""
        return self._told.get((where, name)) == digest

    def add(self, where: str, name: str, digest: str) -> None:
        """Note that it was told.

        Raises:
            OSError: it cannot be written.
        """
        self._told[where, name] = digest
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([where, name, digest]) + "\n")
