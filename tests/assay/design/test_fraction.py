"""Regular fractions against printed ones, and aliases against the columns of the data themselves."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from assay.design.fraction import aliases, fraction, generators, letters, members, resolution, roman, words_of

# Box, Hunter and Hunter (Statistics for Experimenters, 2005, table 6.22) and Montgomery (Design and Analysis of
# Experiments, 2013, table 8.14): parts, cells, resolution, and how many defining words there are of each length.
PRINTED = [
    (3, 4, "III", {3: 1}),
    (4, 8, "IV", {4: 1}),
    (5, 16, "V", {5: 1}),
    (5, 8, "III", {3: 2, 4: 1}),
    (6, 32, "VI", {6: 1}),
    (6, 16, "IV", {4: 3}),
    (6, 8, "III", {3: 4, 4: 3}),
    (7, 64, "VII", {7: 1}),
    (7, 32, "IV", {4: 1, 5: 2}),
    (7, 16, "IV", {4: 7}),
    (7, 8, "III", {3: 7, 4: 7, 7: 1}),
    (8, 64, "V", {5: 2, 6: 1}),
    (8, 32, "IV", {4: 3, 5: 4}),
    (8, 16, "IV", {4: 14, 8: 1}),
    (9, 32, "IV", {4: 6, 5: 8, 8: 1}),
    (10, 64, "IV", {4: 2, 5: 8, 6: 4, 8: 1}),
]


@pytest.mark.parametrize(("parts", "cells", "printed", "lengths"), PRINTED)
def test_fractions_mix_up_as_little_as_the_printed_ones(
    parts: int, cells: int, printed: str, lengths: dict[int, int]
) -> None:
    words = words_of(fraction(parts, cells))
    assert roman(resolution(words)) == printed
    assert Counter(word.bit_count() for word in words) == lengths
    assert set(words.values()) == {1}


@pytest.mark.parametrize(("parts", "cells"), [(parts, cells) for parts, cells, *_ in PRINTED])
def test_a_fraction_is_balanced_and_holds_the_base(parts: int, cells: int) -> None:
    levels = fraction(parts, cells)
    assert len({*map(tuple, levels.tolist())}) == cells
    assert (1,) * parts in {*map(tuple, levels.tolist())}
    signs = 2 * levels - 1
    np.testing.assert_array_equal(signs.T @ signs, cells * np.eye(parts, dtype=int))


def test_the_generators_are_the_usual_ones() -> None:
    assert [letters(each) for each in generators(4, 8)] == ["ABC"]
    assert [letters(each) for each in generators(5, 8)] == ["AB", "AC"]
    assert [letters(each) for each in generators(7, 8)] == ["AB", "AC", "BC", "ABC"]


@pytest.mark.parametrize(("parts", "cells"), [(4, 8), (5, 8), (6, 16)])
def test_aliases_are_the_sets_with_the_same_column(parts: int, cells: int) -> None:
    levels = fraction(parts, cells)
    signs = 2 * levels - 1
    columns = {number: signs[:, members(number)].prod(1) for number in range(1, 2**parts)}
    words = words_of(levels)
    for number, other in itertools.permutations(columns, 2):
        same = bool((columns[number] == columns[other]).all())
        assert same == (other in aliases(number, words))


def test_a_full_factorial_has_no_words() -> None:
    assert words_of(np.array([*itertools.product((0, 1), repeat=3)])) == {}
    assert resolution({}) == 0
    assert aliases(0b11, {}) == []
