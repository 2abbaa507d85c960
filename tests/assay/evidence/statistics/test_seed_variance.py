"""The variance between seeds of calm and of restless rows, against formulas worked out row by row."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special

from assay.evidence.statistics.seed_variance import seed_variance


def _reference(variances: np.ndarray, dof: np.ndarray, correlation: float) -> tuple[np.ndarray, np.ndarray]:
    """Empirical Bayes with a floor, one number after another; the prior's degrees of freedom from a root finder."""
    logs = np.log(variances) - special.digamma(dof / 2) + np.log(dof / 2)
    excess = np.mean([line.var(ddof=1) - special.polygamma(1, d / 2).mean() for line, d in zip(logs, dof, strict=True)])
    most = 2 * dof.max()
    if excess > 0:
        root = optimize.brentq(lambda d0: special.polygamma(1, d0 / 2) - excess, 1e-6, 1e9)
        most = min(root, most)
    values, df = variances.copy(), dof.astype(float)
    rows = variances.shape[1]
    for metric, row in np.ndindex(variances.shape):
        common = np.exp(logs[metric].mean() + special.digamma(most / 2) - np.log(most / 2))
        if variances[metric, row] <= common:
            own, together = dof[metric, row], dof[metric].sum() / (1 + (rows - 1) * correlation**2)
            values[metric, row] = (most * common + own * variances[metric, row]) / (most + own)
            df[metric, row] = min(most + own, max(own, together))
    return values, df


@pytest.mark.parametrize("spread", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("correlation", [0.5, 0.9])
@pytest.mark.parametrize("seeds", [(5,), (8,), (6, 8, 11)])
def test_from_five_seeds_on_it_is_empirical_bayes_with_a_floor(
    spread: float, correlation: float, seeds: tuple[int, ...]
) -> None:
    """With equal and with unequal numbers of seeds, and with rows that differ little, much and very much."""
    rng = np.random.default_rng(3)
    dof = np.broadcast_to(np.resize(np.array(seeds) - 1, 6), (4, 6))
    variances = np.exp(spread * rng.normal(size=(4, 6))) * rng.chisquare(dof) / dof
    found = seed_variance(variances, dof[0], np.full(4, correlation))
    values, df = _reference(variances, dof, correlation)
    np.testing.assert_allclose(found.variance, values, rtol=1e-9)
    np.testing.assert_allclose(found.df, df, rtol=1e-9)
    assert 0 < (found.df > dof).mean() < 1


def test_tables_are_judged_each_by_itself() -> None:
    variances = np.random.default_rng(4).chisquare(5, size=(3, 4, 7))
    together = seed_variance(variances, np.array(5))
    for table in range(3):
        alone = seed_variance(variances[table], np.array(5))
        np.testing.assert_allclose(together.variance[table], alone.variance)
        np.testing.assert_allclose(together.df[table], alone.df)


def test_with_fewer_seeds_a_calm_row_has_the_rows_mean_and_a_restless_one_its_own() -> None:
    found = seed_variance(np.array([[2.0, 1.0, np.nan]]), np.array([1, 3, 0]), np.array([0.0]))
    assert found.variance[0, :2].tolist() == [2.0, 1.25]
    assert found.df[0, :2].tolist() == [1, 4]  # the restless row has its own seeds alone
    assert np.isnan(found.variance[0, 2])
    assert np.isnan(found.df[0, 2])


def test_a_diverged_row_takes_nothing_from_the_others() -> None:
    """The mean, which it would carry away, is no longer their floor."""
    variances = np.random.default_rng(5).chisquare(4, size=(1, 7)) / 4
    calm = seed_variance(variances, np.array(4))
    variances[0, 6] *= 1e6
    diverged = seed_variance(variances, np.array(4))
    assert (diverged.variance[0, :6] < 5 * np.maximum(calm.variance[0, :6], variances[0, :6].mean())).all()
    assert (diverged.variance[0, 6], diverged.df[0, 6]) == (variances[0, 6], 4)


def test_a_single_row_has_what_is_its_own() -> None:
    for seeds in (2, 4, 9):
        found = seed_variance(np.array([[0.7], [3.0]]), np.array([seeds - 1]))
        assert found.variance.ravel().tolist() == [0.7, 3.0]
        assert found.df.ravel().tolist() == [seeds - 1] * 2


@pytest.mark.parametrize("seeds", [3, 6])
def test_a_row_without_any_variance_takes_no_part_in_what_is_common_and_leans_on_it(seeds: int) -> None:
    rest = seed_variance(np.array([[1.0, 2.0]]), np.array(seeds - 1))
    with_zero = seed_variance(np.array([[1.0, 2.0, 0.0]]), np.array(seeds - 1))
    assert with_zero.variance[0, 2] > 0
    if seeds == 6:
        np.testing.assert_allclose(with_zero.variance[0, :2], rest.variance[0])
    nothing = seed_variance(np.zeros((1, 3)), np.array(seeds - 1))
    assert (nothing.variance == 0).all()
    assert np.isfinite(nothing.df).all()


def test_units_do_not_matter() -> None:
    variances = np.random.default_rng(6).chisquare(5, size=(2, 4))
    one, other = (seed_variance(factor * variances, np.array(5)) for factor in (1.0, 1e-9))
    np.testing.assert_allclose(other.variance, 1e-9 * one.variance)
    np.testing.assert_allclose(other.df, one.df)


def test_without_two_seeds_in_any_row_nothing_is_known() -> None:
    found = seed_variance(np.full((2, 3), np.nan), np.zeros(3))
    assert np.isnan(found.variance).all()
    assert np.isnan(found.df).all()


def test_the_worth_of_rows_with_one_base_is_what_their_average_varies_by() -> None:
    """The mean variance of rows that share a base scatters like a chi-square with as many degrees of freedom."""
    rng = np.random.default_rng(6)
    rows, base = rng.normal(size=(20000, 7, 3)), rng.normal(size=(20000, 1, 3))
    average = (rows - base).var(-1, ddof=1).mean(-1)
    worth = seed_variance(np.ones((1, 7)), np.array(2)).worth.item()
    assert average.var() == pytest.approx(2 * average.mean() ** 2 / (2 * worth), rel=0.1)


@pytest.mark.parametrize("seeds", [2, 4, 5, 9])
def test_with_as_many_seeds_as_there_are_the_degrees_of_freedom_are_those_in_use(seeds: int) -> None:
    variances = np.random.default_rng(7).chisquare(3, size=(4, 6))
    found = seed_variance(variances, np.array(seeds - 1))
    calm, restless = (found.df_with(seeds, calm=calm) for calm in (True, False))
    np.testing.assert_allclose(found.df, np.where(found.df > seeds - 1, calm, restless))
    assert (found.df_with(2 * seeds + 5, calm=True) > calm).all()
