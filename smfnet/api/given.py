"""What calls take: arrays or places, ranges of values, and whether progress is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from smfnet.data.folder import Odd
    from smfnet.methods.layout import Sources

__all__ = ["KEYS", "Place", "Told", "array_or_place", "shown", "silent", "sources_given"]

T = TypeVar("T")
Told = Callable[[str], None]
Place = str | PathLike[str]
KEYS = ("ir_range", "vi_range")


def silent(line: str) -> None:
    """Nobody wants to know."""


def array_or_place(given: Any) -> Any:
    """A place as it is; what can be an array, a tensor say, as one."""
    if isinstance(given, str | PathLike):
        return given
    return np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)


def sources_given(ir: Place, vi: Place, names: tuple[str, str] = ("ir", "vi"), odd: Odd | None = None) -> Sources:
    """The sources in two folders, or in two files; see `smfnet.methods.layout.sources_of` for errors."""
    from smfnet.data.sources import check_two_folders
    from smfnet.methods.layout import sources_of

    check_two_folders(Path(ir), Path(vi), names)
    return sources_of(Path(ir), Path(vi), names, odd)


def shown(items: Iterable[T], total: int, *, progress: bool, done: str = "measured") -> Iterable[T]:
    """The items, with a bar that moves as they are taken if that is wanted."""
    from assay.console.progress import each

    return each(items, done, total) if progress else items
