"""How often the intervals of effects and shares are wrong, on rows whose truth is known; docs/parts.md has more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis.calibration.effects import DESIGNS, NOISES, apart, coverage, drawn_coverage
from assay.evidence.statistics.parts.notes import FEWEST_EFFECT_SEEDS

TABLES = 500  # of four metrics: 2,000 intervals of each effect
ERROR = 3 * np.sqrt(0.05 * 0.95 / TABLES)
ACCEPTED = ("2^3", "2^(4-1)", "Shapley, 3 parts")
SEEDS_LARGER = "seeds the larger part"


def _rng(seeds: int) -> np.random.Generator:
    return np.random.default_rng([7, seeds])


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("noise", [SEEDS_LARGER, "one row x 10", "seeds move parts"])
@pytest.mark.parametrize("design", ACCEPTED)
def test_intervals_of_effects_cover_as_often_as_they_say(design: str, noise: str, seeds: int) -> None:
    found = coverage(DESIGNS[design], NOISES[noise], seeds, TABLES, _rng(seeds))
    assert found.worst >= 0.93
    assert found.most <= 0.975
    assert 0.94 <= found.mean <= 0.97
    assert found.false <= 0.05 + ERROR


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("design", ACCEPTED)
def test_where_images_are_the_larger_part_they_cover_no_less(design: str, seeds: int) -> None:
    found = coverage(DESIGNS[design], NOISES["images the larger part"], seeds, TABLES, _rng(seeds))
    assert found.worst >= 0.94
    assert found.false <= 0.05 + ERROR


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("design", ACCEPTED)
def test_the_rows_own_variances_added_up_would_count_what_rows_have_in_common(design: str, seeds: int) -> None:
    """What a seed does to all rows alike drops out of an effect; with it, intervals are too long."""
    found = coverage(DESIGNS[design], NOISES[SEEDS_LARGER], seeds, TABLES, _rng(seeds), apart)
    assert found.worst > 0.985


@pytest.mark.slow
@pytest.mark.parametrize("design", ["2^3", "pairs, 4 parts"])
def test_words_begin_with_the_seeds_with_which_a_training_that_may_collapse_gives_no_false_ones(design: str) -> None:
    """One training of five collapses: three seeds that do not are nearly alike, and what they say is believed."""
    found = {n: coverage(DESIGNS[design], NOISES["one in five collapses"], n, TABLES, _rng(n)) for n in (3, 5, 8)}
    assert found[3].false > 0.05 + ERROR
    assert all(found[n].false <= 0.05 + ERROR for n in (FEWEST_EFFECT_SEEDS, 8))


@pytest.mark.slow
@pytest.mark.parametrize("orders", [20, 40])
def test_shares_by_drawn_orders_cover_what_other_orders_would_have_given(orders: int) -> None:
    found = drawn_coverage(5, orders, NOISES[SEEDS_LARGER], 5, TABLES, _rng(5))
    assert found.worst >= 0.93
    assert found.mean >= 0.95


def test_the_page_has_a_line_for_every_noise(root: Path) -> None:
    page = (root / "docs" / "parts.md").read_text(encoding="utf-8")
    assert [noise for noise in NOISES if f"| {noise} |" not in page] == []
