"""Which p values count for how much, by hand and against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.evidence.statistics.correction import corrected


def test_from_four_seeds_on_it_is_holms_by_hand() -> None:
    assert corrected(np.array([0.01, 0.04, 0.03, 0.005]), 4) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_with_three_seeds_no_word_makes_the_next_one_easier() -> None:
    assert corrected(np.array([0.01, 0.04, 0.03, 0.005]), 3) == pytest.approx([0.04, 0.16, 0.12, 0.02])


@pytest.mark.parametrize("n_seeds", [0, 1, 2])
def test_fewer_than_three_seeds_resolve_nothing(n_seeds: int) -> None:
    assert np.isnan(corrected(np.array([1e-15, 0.5]), n_seeds)).all()


@pytest.mark.parametrize("n_seeds", [3, 4])
def test_what_is_unknown_takes_no_part(n_seeds: int) -> None:
    adjusted = corrected(np.array([0.01, np.nan, 0.5, 0.9]), n_seeds)
    assert adjusted[0] == pytest.approx(0.03)
    assert np.isnan(adjusted[1])
    assert adjusted[2:].tolist() == [1.0, 1.0]
    assert np.isnan(corrected(np.array([np.nan]), n_seeds)).all()


@given(st.lists(st.lists(st.floats(0, 1), min_size=5, max_size=5), min_size=1, max_size=3), st.integers(3, 12))
def test_tables_are_corrected_each_by_itself_and_never_for_less_than_one_cell(
    tables: list[list[float]], n_seeds: int
) -> None:
    adjusted = corrected(np.array(tables), n_seeds)
    assert (adjusted >= np.array(tables)).all()
    assert (adjusted <= np.minimum(5 * np.array(tables), 1) + 1e-12).all()
    for table, line in zip(tables, adjusted, strict=True):
        np.testing.assert_array_equal(corrected(np.array(table), n_seeds), line)
