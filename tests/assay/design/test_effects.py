"""What effects and shares of parts are, against known values and against their definitions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.design.cells import Cell, add_one, drawn_orders, every, pairs, passed
from assay.design.design import Design, Kind, Part
from assay.design.effects import Effect, effects_of, share_weights_by_pair
from assay.design.fraction import fraction


def _design(kind: Kind, parts: int, cells: list[Cell], orders: tuple[tuple[int, ...], ...] = ()) -> Design:
    names = {"".join(map(str, cell)): cell for cell in cells}
    return Design(kind, tuple(Part(f"no_{n}", f"part {n}") for n in range(parts)), names, orders=orders)


def _fractional(parts: int, cells: int) -> Design:
    return _design("factorial", parts, [tuple(map(int, cell)) for cell in fraction(parts, cells)])


def _values(design: Design, worth: Mapping[tuple[int, ...], float]) -> np.ndarray:
    """Of every cell: the sum of what its sets of parts are worth."""
    cells = design.cells.values()
    return np.array([sum(w for parts, w in worth.items() if all(cell[part] for part in parts)) for cell in cells])


def _found(design: Design, values: np.ndarray) -> dict[tuple[str, tuple[int, ...]], float]:
    return {(effect.sort, effect.parts): float(effect.weights @ values) for effect in effects_of(design)}


DESIGNS = {
    "full": _design("factorial", 3, every(3)),
    "2^(4-1)": _fractional(4, 8),
    "2^(5-2)": _fractional(5, 8),
    "2^(7-3)": _fractional(7, 16),
    "pairs": _design("pairs", 4, pairs(4)),
    "add-one": _design("add-one", 4, add_one(4)),
    "shapley": _design("shapley", 5, every(5)),
    "shapley, drawn": _design("shapley", 7, passed(drawn_orders(7, 10)), drawn_orders(7, 10)),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_the_weights_of_every_effect_add_up_to_zero(name: str) -> None:
    assert [abs(effect.weights.sum()) < 1e-12 for effect in effects_of(DESIGNS[name])].count(False) == 0


def test_a_full_factorial_gives_effects_and_interactions_apart() -> None:
    worth = {(): 10.0, (0,): 3.0, (1,): -1.0, (0, 1): 4.0}
    found = _found(DESIGNS["full"], _values(DESIGNS["full"], worth))
    assert found == {
        ("part", (0,)): 5.0,  # 3 without the other part and 7 with it
        ("part", (1,)): 1.0,
        ("part", (2,)): 0.0,
        ("interaction", (0, 1)): 2.0,  # half of 7 less 3
        ("interaction", (0, 2)): 0.0,
        ("interaction", (1, 2)): 0.0,
    }


def test_effects_of_a_full_factorial_are_those_of_least_squares() -> None:
    design, values = DESIGNS["full"], np.random.default_rng(0).normal(size=8)
    signs = 2 * design.levels - 1
    several = [parts for n in range(4) for parts in itertools.combinations(range(3), n)]
    fitted = np.linalg.lstsq(np.column_stack([signs[:, parts].prod(1) for parts in several]), values, rcond=None)[0]
    expected = dict(zip(several, 2 * fitted, strict=True))
    for (_, parts), estimate in _found(design, values).items():
        assert estimate == pytest.approx(expected[parts], abs=1e-12)


def test_in_a_fraction_aliases_have_one_line_that_holds_the_sum_of_both() -> None:
    design = DESIGNS["2^(4-1)"]
    effects = {effect.parts: effect for effect in effects_of(design)}
    assert list(effects) == [(0,), (1,), (2,), (3,), (0, 1), (0, 2), (0, 3)]
    assert effects[0, 1].aliases == ((2, 3),)
    assert effects[(0,)].aliases == ((1, 2, 3),)
    values = _values(design, {(0, 1): 4.0}) + _values(design, {(2, 3): 6.0})
    assert effects[0, 1].weights @ values == pytest.approx(5.0)


def test_in_a_fraction_of_resolution_three_a_part_is_mixed_up_with_two_others() -> None:
    effects = {effect.parts: effect for effect in effects_of(DESIGNS["2^(5-2)"])}
    assert (1, 3) in effects[(0,)].aliases
    assert (1, 3) not in effects


def test_pairs_tell_the_effect_in_the_base_and_what_two_do_to_each_other_there() -> None:
    worth = {(0,): 3.0, (1,): -1.0, (0, 1): 4.0, (2,): 2.0, (3,): 5.0}
    found = _found(DESIGNS["pairs"], _values(DESIGNS["pairs"], worth))
    assert found["part", (0,)] == 7.0
    assert found["part", (3,)] == 5.0
    assert found["interaction", (0, 1)] == 4.0
    assert found["interaction", (2, 3)] == 0.0


def test_adding_one_tells_what_a_part_is_worth_alone_and_all_beyond_the_sum() -> None:
    worth = {(): 1.0, (0,): 3.0, (1,): -1.0, (0, 1): 4.0, (0, 1, 2, 3): 0.5}
    found = _found(DESIGNS["add-one"], _values(DESIGNS["add-one"], worth))
    assert found == {
        ("part", (0,)): 3.0,
        ("part", (1,)): -1.0,
        ("part", (2,)): 0.0,
        ("part", (3,)): 0.0,
        ("whole", (0, 1, 2, 3)): 4.5,
    }


def test_a_share_is_the_mean_over_all_orders_of_adding_the_parts() -> None:
    design, values = _design("shapley", 4, every(4)), np.random.default_rng(1).normal(size=16)
    value = dict(zip(design.cells.values(), values, strict=True))
    orders = list(itertools.permutations(range(4)))
    for part in range(4):
        gains = []
        for order in orders:
            before = set(order[: order.index(part)])
            cell = [tuple(int(each in there) for each in range(4)) for there in (before, before | {part})]
            gains.append(value[cell[1]] - value[cell[0]])
        assert _found(design, values)["part", (part,)] == pytest.approx(math.fsum(gains) / len(orders), abs=1e-12)


@pytest.mark.parametrize("parts", range(2, 9))
def test_shares_add_up_to_the_base_less_nothing(parts: int) -> None:
    """Efficiency, exactly: the weights of all parts together are 1 at the base, -1 at the empty set, 0 elsewhere."""
    design = _design("shapley", parts, every(parts))
    expected = [float(sum(cell) == parts) - float(sum(cell) == 0) for cell in design.cells.values()]
    _assert_adds_up(design, expected)


@given(st.integers(2, 8), st.integers(5, 12))
def test_shares_by_drawn_orders_add_up_too(parts: int, pairs_of_orders: int) -> None:
    orders = drawn_orders(parts, 2 * pairs_of_orders)
    design = _design("shapley", parts, passed(orders), orders)
    expected = [float(sum(cell) == parts) - float(sum(cell) == 0) for cell in design.cells.values()]
    _assert_adds_up(design, expected)
    np.testing.assert_allclose(share_weights_by_pair(design).mean(0), _shares(design), atol=1e-12)


def _assert_adds_up(design: Design, expected: list[float]) -> None:
    np.testing.assert_allclose(_shares(design).sum(0), expected, atol=1e-12)
    whole = next(effect for effect in effects_of(design) if effect.sort == "whole")
    np.testing.assert_allclose(whole.weights, expected, atol=1e-12)


def _shares(design: Design) -> np.ndarray:
    return np.array([effect.weights for effect in effects_of(design) if effect.sort == "part"])


def test_all_orders_drawn_give_the_shares_of_all_combinations() -> None:
    orders = list(itertools.permutations(range(4)))
    drawn_in_pairs = tuple(each for order in orders if order < order[::-1] for each in (order, order[::-1]))
    assert {*drawn_in_pairs} == {*orders}
    drawn, whole = _design("shapley", 4, passed(orders), drawn_in_pairs), _design("shapley", 4, every(4))
    assert list(drawn.cells.values()) == list(whole.cells.values())
    np.testing.assert_allclose(_shares(drawn), _shares(whole), atol=1e-12)


def test_an_effect_is_of_the_cells_in_their_order() -> None:
    effect = effects_of(DESIGNS["pairs"])[0]
    assert isinstance(effect, Effect)
    assert len(effect.weights) == len(DESIGNS["pairs"].cells)
