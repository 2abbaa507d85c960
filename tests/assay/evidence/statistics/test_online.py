"""Proposals share 5 % however many they are, and are kept at the level of their place."""

from __future__ import annotations

import math

import pytest

from assay.evidence.statistics.online import level_of, refusal

LINE = {"verdict": "better", "reason": "", "p_adjusted": 1e-3}


def test_the_levels_of_all_proposals_add_up_to_five_percent() -> None:
    levels = [level_of(place) for place in range(1, 100_001)]
    assert levels == sorted(levels, reverse=True)
    tail = 0.05 * 6 / math.pi**2 / 100_000  # the sum of 1 / n^2 beyond N lies between 1 / (N + 1) and 1 / N
    assert sum(levels) == pytest.approx(0.05 - tail, abs=1e-10)
    assert sum(levels) < 0.05


def test_there_is_no_place_before_the_first() -> None:
    with pytest.raises(ValueError, match="from 1 on; got 0"):
        level_of(0)


@pytest.mark.parametrize(("level", "kept"), [(1.1e-3, True), (1e-3, False), (1e-5, False)])
def test_better_at_five_percent_is_kept_at_its_own_level_alone(level: float, kept: bool) -> None:
    assert (refusal(LINE, level) == "") == kept
    assert kept or "better at 5 % (p 0.001), and not at the" in refusal(LINE, level)


@pytest.mark.parametrize("word", ["worse", "equivalent", "not resolved", "different", ""])
def test_no_other_word_is_kept_however_small_its_p(word: str) -> None:
    assert f"its verdict is {word or 'withheld'}" in refusal(LINE | {"verdict": word, "p_adjusted": 1e-12}, 0.03)


def test_a_row_without_a_p_value_is_not_kept() -> None:
    assert refusal(LINE | {"p_adjusted": math.nan}, 0.03)
