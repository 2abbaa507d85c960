"""A design: parts of a network, and the combinations of them that are trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assay.design.cells import add_one, every, pairs, passed
from assay.design.fraction import MOST_PARTS, words_of

__all__ = ["FEWEST_ORDERS", "KINDS", "Design", "Kind", "Part"]

Kind = Literal["factorial", "pairs", "add-one", "shapley"]
FEWEST_ORDERS = 10  # five pairs: what fewer differ says too little of what others would have given
KINDS: tuple[Kind, ...] = ("factorial", "pairs", "add-one", "shapley")


@dataclass(frozen=True)
class Part:
    """What a row of a suite takes out or changes.

    Attributes:
        name: of that row.
        title: what the part is called where it is there ("GNN"), as the row's title ("w/o GNN") says what it is like
            without it.
    """

    name: str
    title: str


@dataclass(frozen=True)
class Design:
    """Rows that are combinations of parts.

    Attributes:
        kind: `factorial` (all combinations, or a regular fraction of them), `pairs` (the base, each part out, each two
            out), `add-one` (all out, each alone added, and the base) or `shapley` (all combinations, or those that the
            orders pass).
        parts: at least two.
        cells: row -> for every part 1 where it is as in the base and 0 where it is out.
        generators: of a fraction: which part is the product of which others, as letters ("D = ABC").
        orders: in which parts are added, in pairs of an order and its reverse; empty where all combinations are there.

    Raises:
        ValueError: the cells are not what the kind says.
    """

    kind: Kind
    parts: tuple[Part, ...]
    cells: Mapping[str, tuple[int, ...]]
    generators: tuple[str, ...] = ()
    orders: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        count = len(self.parts)
        if not 2 <= count <= MOST_PARTS:
            raise ValueError(f"expected 2 to {MOST_PARTS} parts; got {count}")
        if any(len(cell) != count or not {*cell} <= {0, 1} for cell in self.cells.values()):
            raise ValueError(f"expected cells of {count} levels, 0 or 1")
        if len({*self.cells.values()}) < len(self.cells):
            raise ValueError("expected cells that differ")
        pairs_of_orders = zip(self.orders[::2], self.orders[1::2], strict=False)
        if any(sorted(order) != list(range(count)) for order in self.orders):
            raise ValueError(f"expected orders of {count} parts")
        if self.orders and (len(self.orders) < FEWEST_ORDERS or len(self.orders) % 2):
            raise ValueError(f"expected {FEWEST_ORDERS} orders or more, in pairs; got {len(self.orders)}")
        if any(one != other[::-1] for one, other in pairs_of_orders):
            raise ValueError("expected pairs of an order and its reverse")
        missing = _needed(self.kind, count, self.orders) - {*self.cells.values()}
        if missing or (self.kind == "factorial" and not self._regular):
            raise ValueError(f"expected all cells of the design {self.kind}")

    @property
    def levels(self) -> NDArray[np.int_]:
        """1 where a part is there, shape (cells, parts)."""
        return np.array(list(self.cells.values()), dtype=int).reshape(len(self.cells), len(self.parts))

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the rows, in the order of `levels`."""
        return tuple(self.cells)

    @property
    def full(self) -> bool:
        """Whether every combination is there."""
        return len(self.cells) == 2 ** len(self.parts)

    def row(self, cell: Sequence[int]) -> str:
        """The row of a combination."""
        return next(name for name, levels in self.cells.items() if levels == tuple(cell))

    @property
    def _regular(self) -> bool:
        return len(self.cells) * (len(words_of(self.levels)) + 1) == 2 ** len(self.parts)


def _needed(kind: Kind, parts: int, orders: Sequence[Sequence[int]]) -> set[tuple[int, ...]]:
    """Cells without which a design is none; of a factorial see `Design._regular`."""
    if kind == "shapley":
        return {*(passed(orders) if orders else every(parts))}
    return {*(pairs(parts) if kind == "pairs" else add_one(parts) if kind == "add-one" else ())}
