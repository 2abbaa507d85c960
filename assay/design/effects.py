"""What a design tells: effects and shares of parts, each a sum over its rows with weights that add up to zero."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assay.design.cells import Cell
from assay.design.design import Design
from assay.design.fraction import aliases, members, words_of

__all__ = ["Effect", "effects_of", "share_weights_by_pair"]

Array = NDArray[np.float64]
Sort = Literal["part", "interaction", "whole"]


@dataclass(frozen=True)
class Effect:
    """A contrast of a design's rows.

    Attributes:
        sort: of one `part`, the `interaction` of two, or of the `whole` design.
        parts: places of the parts that it is about.
        weights: one per cell, in the order of `Design.cells`; their sum is 0.
        aliases: sets of parts whose effects are in it as well and cannot be told from it, the smallest first.
    """

    sort: Sort
    parts: tuple[int, ...]
    weights: Array
    aliases: tuple[tuple[int, ...], ...] = ()


def effects_of(design: Design) -> list[Effect]:
    """Every effect that a design tells, those of parts first.

    All are "there less out": positive where having the part makes the metric larger.

    - factorial: a part's mean over the cells with it less that over those without; of two parts half the difference
      between a part's effect with the other one and without. Two-part interactions that are aliases are one effect.
    - pairs: the base less the row without the part; of two parts the effect of one with the other less that without
      it, in the base: y(base) - y(a out) - y(b out) + y(both out).
    - add-one: the part alone less nothing; of the whole what all are worth together beyond the sum of these.
    - shapley: the part's share, its mean worth over all orders of adding the parts (Shapley 1953); of the whole the
      base less nothing, which is the sum of the shares.
    """
    found = {"factorial": _factorial, "pairs": _pairs, "add-one": _add_one, "shapley": _shapley}[design.kind]
    return list(found(design))


def share_weights_by_pair(design: Design) -> Array:
    """The weights of the shares by each pair of orders alone, shape (pairs, parts, cells); none where all are there."""
    count, cells = len(design.parts), len(design.cells)
    pairs = [design.orders[place : place + 2] for place in range(0, len(design.orders), 2)]
    return np.array([_share_weights(design, pair) for pair in pairs]).reshape(len(pairs), count, cells)


def _factorial(design: Design) -> Iterator[Effect]:
    signs, words, seen = 2 * design.levels - 1, words_of(design.levels), set()
    places = range(len(design.parts))
    for parts in (*((place,) for place in places), *itertools.combinations(places, 2)):
        number = sum(1 << place for place in parts)
        if number in seen:
            continue
        others = aliases(number, words)
        seen |= {number, *others}
        weights = signs[:, parts].prod(1) / (len(signs) / 2)
        yield Effect("part" if len(parts) == 1 else "interaction", parts, weights, tuple(map(_members, others)))


def _members(number: int) -> tuple[int, ...]:
    return tuple(members(number))


def _pairs(design: Design) -> Iterator[Effect]:
    count = len(design.parts)
    whole = _cell(count)
    for part in range(count):
        yield Effect("part", (part,), _weights(design, {whole: 1, _cell(count, part): -1}))
    for one, other in itertools.combinations(range(count), 2):
        worth = {whole: 1, _cell(count, one): -1, _cell(count, other): -1, _cell(count, one, other): 1}
        yield Effect("interaction", (one, other), _weights(design, worth))


def _add_one(design: Design) -> Iterator[Effect]:
    count = len(design.parts)
    places = range(count)
    nothing = _cell(count, *places)
    alone = [_cell(count, *(other for other in places if other != part)) for part in places]
    for part in places:
        yield Effect("part", (part,), _weights(design, {alone[part]: 1, nothing: -1}))
    beyond = {_cell(count): 1.0, nothing: count - 1.0, **dict.fromkeys(alone, -1.0)}
    yield Effect("whole", tuple(places), _weights(design, beyond))


def _shapley(design: Design) -> Iterator[Effect]:
    count = len(design.parts)
    weights = _share_weights(design, design.orders) if design.orders else _all_share_weights(design)
    for part in range(count):
        yield Effect("part", (part,), weights[part])
    whole = {_cell(count): 1, _cell(count, *range(count)): -1}
    yield Effect("whole", tuple(range(count)), _weights(design, whole))


def _all_share_weights(design: Design) -> Array:
    """Shape (parts, cells): of T with the part added |T|! (P - |T| - 1)! / P!, of T the same below zero."""
    levels, count = design.levels, len(design.parts)
    weight = [math.factorial(n) * math.factorial(count - n - 1) / math.factorial(count) for n in range(count)]
    size = levels.sum(1)
    with_part, without = (np.array([*weight, 0.0])[np.clip(n, 0, count)] for n in (size - 1, size))
    return np.where(levels.T == 1, with_part, -without)


def _share_weights(design: Design, orders: Sequence[Sequence[int]]) -> Array:
    """The mean over some orders of the row after a part is added less the row before; shape (parts, cells)."""
    place = {cell: number for number, cell in enumerate(design.cells.values())}
    weights = np.zeros((len(design.parts), len(place)))
    for order in orders:
        cell = [0] * len(order)
        for part in order:
            weights[part, place[tuple(cell)]] -= 1
            cell[part] = 1
            weights[part, place[tuple(cell)]] += 1
    return weights / len(orders)


def _cell(count: int, *out: int) -> Cell:
    return tuple(int(place not in out) for place in range(count))


def _weights(design: Design, worth: Mapping[Cell, float]) -> Array:
    return np.array([worth.get(cell, 0.0) for cell in design.cells.values()], dtype=float)
