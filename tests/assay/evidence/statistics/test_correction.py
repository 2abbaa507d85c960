"""Which p values count for how much, by hand and against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.evidence.statistics.correction import ALPHA, corrected, first_alpha, levels_of

NONE = np.full(4, np.nan)
Level = st.floats(0, 1)


def test_without_margins_it_is_holms_by_hand() -> None:
    adjusted, equal = corrected(np.array([0.01, 0.04, 0.03, 0.005]), NONE, 4)
    assert adjusted == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert np.isnan(equal).all()


def test_with_three_seeds_no_word_makes_the_next_one_easier() -> None:
    p = np.array([0.01, 0.04, 0.03, 0.005])
    for equal in (NONE, p[::-1]):
        assert corrected(p, equal, 3)[0] == pytest.approx([0.04, 0.16, 0.12, 0.02])
    assert corrected(p, p[::-1], 3)[1] == pytest.approx([0.02, 0.12, 0.16, 0.04])


@pytest.mark.parametrize("n_seeds", [0, 1, 2])
def test_fewer_than_three_seeds_resolve_nothing(n_seeds: int) -> None:
    assert np.isnan(corrected(np.array([1e-15, 0.5]), np.array([0.5, 1e-15]), n_seeds)).all()


@pytest.mark.parametrize("n_seeds", [3, 4])
def test_what_is_unknown_takes_no_part(n_seeds: int) -> None:
    adjusted, _ = corrected(np.array([0.01, np.nan, 0.5, 0.9]), NONE, n_seeds)
    assert adjusted[0] == pytest.approx(0.03)
    assert np.isnan(adjusted[1])
    assert adjusted[2:].tolist() == [1.0, 1.0]
    assert np.isnan(corrected(np.array([np.nan]), np.array([np.nan]), n_seeds)).all()


def _words(p: list[float], cells: int) -> set[int]:
    """The cells that one descent rejects, step by step as it is written down; nan takes no part."""
    left = {number: each for number, each in enumerate(p) if not np.isnan(each)}
    found: set[int] = set()
    while left:
        k = len(left)
        smallest = min(left, key=lambda number: left[number])
        if not left[smallest] < ALPHA * min(max(k / cells, 1 / 3), 2 / 3) / k:
            break
        found.add(smallest)
        del left[smallest]
    return found


@given(st.lists(st.tuples(st.floats(0, 0.03), st.one_of(st.floats(0, 0.03), st.just(float("nan")))), min_size=1))
def test_with_margins_there_are_two_descents_and_cells_without_one_count(cells: list[tuple[float, float]]) -> None:
    p, equal = (np.array(column) for column in zip(*cells, strict=True))
    if np.isnan(equal).all():
        return
    adjusted, adjusted_equal = corrected(p, equal, 5)
    assume(not np.isclose([adjusted, adjusted_equal], ALPHA).any())  # there rounding decides
    assert set(np.flatnonzero(adjusted < ALPHA)) == _words(list(p), len(cells))
    assert set(np.flatnonzero(adjusted_equal < ALPHA)) == _words(list(equal), len(cells))


@given(st.lists(st.lists(Level, min_size=5, max_size=5), min_size=1, max_size=3), st.integers(3, 12))
def test_tables_are_corrected_each_by_itself_and_no_p_becomes_smaller(tables: list[list[float]], n_seeds: int) -> None:
    p = np.array(tables)
    both = corrected(p, p[:, ::-1], n_seeds)
    assert (both[0] >= p).all()
    for table, *lines in zip(p, *both, strict=True):
        np.testing.assert_array_equal(corrected(table, table[::-1], n_seeds), lines)


@pytest.mark.parametrize("margins", [False, True])
@pytest.mark.parametrize("seeds", [3, 4])
def test_the_first_level_is_the_one_at_which_a_lonely_word_is_given(seeds: int, margins: bool) -> None:
    level = first_alpha(8, seeds, margins=margins)
    equal = np.full(8, 1.0 if margins else np.nan)
    for factor, worded in ((0.999, True), (1.001, False)):
        p = np.array([factor * level, *np.ones(7)])
        assert (corrected(p, equal, seeds)[0][0] < ALPHA) == worded
    assert level in levels_of(8)
