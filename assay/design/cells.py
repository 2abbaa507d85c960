"""The combinations of parts that a design trains: for every part 1 where it is there and 0 where it is out."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence

__all__ = ["Cell", "add_one", "drawn_orders", "every", "pairs", "passed"]

Cell = tuple[int, ...]


def every(parts: int) -> list[Cell]:
    """All combinations, those with most parts first."""
    return _sorted(itertools.product((1, 0), repeat=parts))


def pairs(parts: int) -> list[Cell]:
    """All there, each out, each two out."""
    return [cell for cell in every(parts) if sum(cell) >= parts - 2]


def add_one(parts: int) -> list[Cell]:
    """All there, each there alone, none there."""
    return [cell for cell in every(parts) if sum(cell) in (parts, 1, 0)]


def passed(orders: Iterable[Sequence[int]]) -> list[Cell]:
    """Those that are there in turn if the parts are added in these orders."""
    return _sorted({cell for order in orders for cell in _steps(order)})


def drawn_orders(parts: int, count: int) -> tuple[tuple[int, ...], ...]:
    """Orders in which parts are added: pairs of one that is drawn and its reverse, so that what an early part takes
    from a late one is seen from both sides. The same every time, and more of them begin with the same.

    Args:
        parts: how many.
        count: of orders; even.
    """
    drawn, rng = [], random.Random(parts)
    for _ in range(count // 2):
        order = rng.sample(range(parts), parts)
        drawn += [tuple(order), tuple(reversed(order))]
    return tuple(drawn)


def _steps(order: Sequence[int]) -> list[Cell]:
    return [tuple(int(part in order[:count]) for part in range(len(order))) for count in range(len(order) + 1)]


def _sorted(cells: Iterable[Cell]) -> list[Cell]:
    return sorted(cells, key=lambda cell: (-sum(cell), [place for place, level in enumerate(cell) if not level]))
