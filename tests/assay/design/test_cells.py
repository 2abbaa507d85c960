"""Which combinations a design trains."""

from __future__ import annotations

import math

import pytest

from assay.design.cells import add_one, drawn_orders, every, pairs, passed
from assay.design.design import Design, Part


def test_the_base_comes_first_and_then_each_part_out() -> None:
    assert every(3)[:4] == [(1, 1, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0)]
    assert every(3)[-1] == (0, 0, 0)


@pytest.mark.parametrize("parts", [2, 3, 5, 7])
def test_numbers_of_cells(parts: int) -> None:
    assert len(every(parts)) == 2**parts
    assert len(pairs(parts)) == 1 + parts + math.comb(parts, 2)
    assert len(add_one(parts)) == parts + 2


def test_orders_come_with_their_reverse_and_more_of_them_begin_with_the_same() -> None:
    orders = drawn_orders(6, 10)
    assert [tuple(reversed(order)) for order in orders[::2]] == [*orders[1::2]]
    assert all(sorted(order) == list(range(6)) for order in orders)
    assert drawn_orders(6, 20)[:10] == orders
    assert {(1,) * 6, (0,) * 6} <= {*passed(orders)}


PARTS = (Part("a", "A"), Part("b", "B"))
FULL = {"ours": (1, 1), "a": (0, 1), "b": (1, 0), "a+b": (0, 0)}


@pytest.mark.parametrize(
    ("kind", "parts", "cells", "orders", "reason"),
    [
        ("factorial", PARTS[:1], {"ours": (1,), "a": (0,)}, (), "2 to 10 parts"),
        ("factorial", PARTS, FULL | {"x": (1, 2)}, (), "levels"),
        ("factorial", PARTS, FULL | {"x": (1,)}, (), "levels"),
        ("factorial", PARTS, FULL | {"x": (1, 1)}, (), "differ"),
        ("factorial", PARTS, {name: FULL[name] for name in ("ours", "a", "b")}, (), "all cells"),
        ("pairs", PARTS, {name: FULL[name] for name in ("ours", "a", "b")}, (), "all cells"),
        ("add-one", PARTS, {name: FULL[name] for name in ("ours", "a", "b")}, (), "all cells"),
        ("shapley", PARTS, {name: FULL[name] for name in ("ours", "a", "a+b")}, (), "all cells"),
        ("shapley", PARTS, FULL, ((0, 0), (1, 1)), "orders"),
        ("shapley", PARTS, FULL, 5 * ((0, 1), (0, 1)), "reverse"),
        ("shapley", PARTS, FULL, ((0, 1), (1, 0)), "10 orders"),
    ],
)
def test_a_design_that_is_none_is_refused(kind: str, parts: tuple, cells: dict, orders: tuple, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Design(kind, parts, cells, orders=orders)  # type: ignore[arg-type]
