"""Intervals and p values, against Student, the bootstrap and each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.evidence.statistics.interval import Spread, bounds, equivalence_p_values, half_widths, limits, p_values


def _spread(seeds: float, seeds_df: float, images: float, n_images: int, skewness: float = 0.0) -> Spread:
    return Spread(np.array(seeds), np.array(seeds_df), np.array(images), n_images - 1, np.array(skewness))


@pytest.mark.parametrize("df", [1.0, 2.8, 9.0])
def test_without_a_part_of_the_images_it_is_students_interval(df: float) -> None:
    spread = _spread(0.04, df, 0.0, 50)
    low, high = limits(np.array(1.0), spread)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, df, loc=1.0, scale=0.2))
    assert p_values(np.array(1.0), spread) == pytest.approx(2 * stats.t.sf(1.0 / 0.2, df), rel=1e-6)


def test_many_symmetric_images_alone_give_students_interval_too() -> None:
    spread = _spread(0.0, 4.0, 0.01, 20_000)
    low, high = limits(np.array(0.0), spread, level=0.9)
    assert high == pytest.approx(0.1 * stats.t.isf(0.05, 19_999), rel=0.01)
    assert low == pytest.approx(-high)


def test_it_is_never_shorter_than_students() -> None:
    for skewness in (-3.0, 0.0, 3.0):
        below, above = half_widths(_spread(0.0, 4.0, 1.0, 30, skewness), 0.01)
        assert min(below, above) >= stats.t.isf(0.005, 29)


def test_few_seeds_make_it_wider_than_the_same_variance_from_images() -> None:
    few = half_widths(_spread(1.0, 2.0, 0.0, 50), 0.05)[0]
    many = half_widths(_spread(0.0, 2.0, 1.0, 50), 0.05)[0]
    assert few > 1.9 * many


def test_a_long_tail_upwards_makes_it_reach_further_up() -> None:
    """Against the bootstrap-t and BCa of a skewed sample: the long side is as long as theirs, the other not shorter."""
    rng = np.random.default_rng(8)
    values = rng.exponential(size=60)
    spread = _spread(0.0, 4.0, values.var(ddof=1) / 60, 60, float(stats.skew(values, bias=False)))
    low, high = limits(values.mean(), spread)
    second = stats.bootstrap((values,), np.mean, n_resamples=9999, rng=rng, method="BCa").confidence_interval
    assert high - values.mean() > values.mean() - low
    assert high >= second.high
    assert high - second.high < 0.35 * (second.high - second.low)
    assert low <= second.low


@settings(max_examples=200, deadline=None)
@given(
    mean=st.floats(-5, 5),
    parts=st.tuples(st.floats(1e-3, 4), st.floats(1e-3, 4)),
    df=st.floats(1, 30),
    n_images=st.integers(3, 200),
    skewness=st.floats(-4, 4),
    alpha=st.floats(0.001, 0.5),
)
def test_p_is_below_alpha_exactly_if_the_interval_leaves_zero_out(
    mean: float, parts: tuple[float, float], df: float, n_images: int, skewness: float, alpha: float
) -> None:
    spread = _spread(parts[0], df, parts[1], n_images, skewness)
    low, high = limits(np.array(mean), spread, 1 - alpha)
    p = float(p_values(np.array(mean), spread))
    if abs(p - alpha) > 1e-6 * alpha:
        assert (p < alpha) == bool(low > 0 or high < 0)


def test_no_noise_at_all() -> None:
    spread = Spread(np.zeros(2), np.array(2.0), np.zeros(2), 9, np.zeros(2))
    same, other = p_values(np.array([0.0, 0.1]), spread)
    assert same == 1
    assert other < 1e-14


def test_unknown_noise_gives_no_p() -> None:
    assert np.isnan(p_values(np.array(1.0), _spread(np.nan, np.nan, 1.0, 10)))
    assert np.isnan(limits(np.array(1.0), _spread(np.nan, np.nan, 1.0, 10))[0])


def test_equivalence_of_seeds_alone_is_two_one_sided_t_tests() -> None:
    """Against SciPy's, for a sample of differences and a margin on either side."""
    values = np.random.default_rng(9).normal(0.2, 1, size=12)
    sides = (stats.ttest_1samp(values, -1.0, alternative="greater"), stats.ttest_1samp(values, 1.0, alternative="less"))
    spread = Spread(np.array(values.var(ddof=1) / 12), np.array(11.0), np.array(0.0), 0, np.array(0.0))
    found = equivalence_p_values(values.mean(), spread, 1.0)
    assert found == pytest.approx(max(side.pvalue for side in sides), rel=1e-6)


@settings(max_examples=200, deadline=None)
@given(
    mean=st.floats(-2, 2),
    parts=st.tuples(st.floats(1e-3, 1), st.floats(1e-3, 1)),
    margin=st.floats(0.1, 4),
    skewness=st.floats(-2, 2),
    a=st.floats(0.001, 0.4),
)
def test_equivalent_is_what_has_its_interval_inside_the_margins(
    mean: float, parts: tuple[float, float], margin: float, skewness: float, a: float
) -> None:
    spread = _spread(parts[0], 5.0, parts[1], 40, skewness)
    low, high = limits(np.array(mean), spread, 1 - 2 * a)
    p = float(equivalence_p_values(np.array(mean), spread, margin))
    if abs(p - a) > 1e-6 * a:
        assert (p < a) == bool(-margin < low and high < margin)
    assert p <= 0.5 or p == 1
    assert p == 1 or abs(mean) < margin
    assert (p < 0.05) == bool(bounds(np.array(mean), spread) < margin) or abs(p - 0.05) < 1e-6


def test_without_a_margin_or_with_unknown_noise_nothing_is_equivalent() -> None:
    spread = _spread(0.01, 4.0, 0.01, 30)
    assert np.isnan(equivalence_p_values(np.array(0.0), spread, np.nan))
    assert np.isnan(equivalence_p_values(np.array(0.0), _spread(np.nan, np.nan, 0.01, 30), 1.0))
    assert equivalence_p_values(np.array(1.0), spread, 1.0) == 1


@given(st.floats(1.0, 30.0), st.floats(1.0, 30.0), st.floats(-4.0, 4.0), st.sampled_from([0.3, 0.05, 1e-3, 1e-6]))
def test_images_that_are_worth_fewer_never_have_a_narrower_interval(
    one: float, other: float, skewness: float, alpha: float
) -> None:
    narrow, wide = (
        half_widths(Spread(np.array(0.1), np.array(4.0), np.array(0.2), df, np.array(skewness), n_images=31), alpha)
        for df in sorted((one, other), reverse=True)
    )
    assert (np.array(wide) >= np.array(narrow) - 1e-9).all()
