"""How a call ends: stopped by its user, or with less than was asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

__all__ = ["going_on", "warn"]


@contextmanager
def going_on(how: str) -> Iterator[None]:
    """A note for who stops it."""
    try:
        yield
    except KeyboardInterrupt as error:
        error.add_note(f"what was done is kept: {how}")
        raise


def warn(lines: Sequence[str]) -> None:
    """What was asked for and not done is never passed over."""
    if lines:
        warnings.warn("\n".join(lines), stacklevel=3)
