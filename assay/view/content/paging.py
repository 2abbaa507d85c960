"""A long list, a page of it at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Page", "page_of"]

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some of a list's items.

    Attributes:
        items: those of this page.
        number: of the page, from 1.
        pages: how many there are, at least 1.
        total: items of the whole list.
    """

    items: Sequence[T]
    number: int
    pages: int
    total: int


def page_of(items: Sequence[T], wanted: str | None, size: int) -> Page[T]:
    """A page by its number; the nearest that there is, and the first for what is no number."""
    pages = max(-(-len(items) // size), 1)
    number = int(wanted) if wanted and wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 1
    number = min(max(number, 1), pages)
    return Page(items[(number - 1) * size : number * size], number, pages, len(items))
