"""Files that a command writes for whoever gave it, told as they come, so that a command that fails can name them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

__all__ = ["recorded", "wrote"]

_KEPT: ContextVar[list[Path] | None] = ContextVar("written", default=None)


def wrote(*paths: Path) -> None:
    """Tell of files that are whole now, from the thread that the command began in; nothing happens if nobody asks.

    Args:
        paths: tables, pages, images; not what the engine keeps for itself.
    """
    if (kept := _KEPT.get()) is not None:
        kept.extend(paths)


@contextmanager
def recorded() -> Iterator[list[Path]]:
    """Within, what is told of is kept in the list that this gives."""
    kept: list[Path] = []
    token = _KEPT.set(kept)
    try:
        yield kept
    finally:
        _KEPT.reset(token)
