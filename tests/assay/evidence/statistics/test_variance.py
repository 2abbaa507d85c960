"""A two-way table taken apart, against least squares, SciPy and its own truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from assay.evidence.statistics.variance import crossed, stacked


def _mean_squares(values: np.ndarray) -> tuple[float, float, float]:
    """Seeds, images, rest: from least squares on dummy variables, a way that shares nothing with ours."""
    seeds, images = values.shape
    seed, image = np.divmod(np.arange(values.size), images)
    by_seed, by_image = np.eye(seeds)[seed], np.eye(images)[image]

    def left(*columns: np.ndarray) -> float:
        design = np.hstack([np.ones((values.size, 1)), *columns])
        fitted = design @ np.linalg.lstsq(design, values.ravel(), rcond=None)[0]
        return float(np.square(values.ravel() - fitted).sum())

    rest = left(by_seed, by_image)
    return (
        (left(by_image) - rest) / (seeds - 1),
        (left(by_seed) - rest) / (images - 1),
        rest / ((seeds - 1) * (images - 1)),
    )


def test_parts_are_those_of_the_analysis_of_variance() -> None:
    values = np.random.default_rng(1).normal(size=(4, 9)) + np.arange(9) + np.array([[0], [3], [1], [7]])
    of_seed, of_image, rest = _mean_squares(values)
    parts = crossed(values)
    assert parts.mean == pytest.approx(values.mean())
    assert parts.seeds == pytest.approx(of_seed / 9)
    assert parts.images == pytest.approx((of_image - rest) / 4)
    assert parts.rest == pytest.approx(rest)
    assert (parts.n_seeds, parts.n_images) == (4, 9)


def test_parts_are_right_on_the_average() -> None:
    rng = np.random.default_rng(2)
    shape = (4000, 3, 8)
    values = 2.0 * rng.normal(size=(4000, 3, 1)) + 1.5 * rng.normal(size=(4000, 1, 8)) + 0.5 * rng.normal(size=shape)
    parts = crossed(values)
    assert parts.seeds.mean() == pytest.approx(4 + 0.25 / 8, rel=0.06)
    assert parts.images.mean() == pytest.approx(2.25, rel=0.06)
    assert parts.rest.mean() == pytest.approx(0.25, rel=0.03)


def test_images_of_unequal_weight_are_worth_fewer() -> None:
    values = np.random.default_rng(1).normal(size=(4, 9))
    assert (crossed(values).worth, crossed(values).images_df) == (9, 8)
    few = stacked([crossed(values, 3.5), crossed(values + 1, 3.5)])
    assert (few.worth, few.images_df) == (3.5, 2.5)
    assert crossed(values, 30.0).worth == 9


def test_a_negative_estimate_of_the_images_part_is_zero() -> None:
    values = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert crossed(values).images == 0


def test_skewness_is_that_of_scipy() -> None:
    values = np.random.default_rng(3).exponential(size=(2, 30))
    assert crossed(values).skewness == pytest.approx(stats.skew(values.mean(0), bias=False))


@pytest.mark.parametrize("shape", [(1, 5), (3, 1)])
def test_one_seed_or_one_image_leaves_its_part_unknown(shape: tuple[int, int]) -> None:
    parts = crossed(np.random.default_rng(4).normal(size=shape))
    assert np.isnan(parts.rest)
    assert np.isnan(parts.images)
    assert np.isnan(parts.seeds) == (shape[0] == 1)
    assert parts.skewness == 0 or shape[1] == 5


def test_no_values_are_no_table() -> None:
    parts = crossed(np.empty((0, 5)))
    assert np.isnan(parts.mean)
    assert parts.n_seeds == 0


def test_equal_images_have_no_skewness() -> None:
    assert crossed(np.full((2, 4), 7.0)).skewness == 0


def test_tables_are_put_side_by_side() -> None:
    rng = np.random.default_rng(5)
    tables = [crossed(rng.normal(size=(seeds, 6))) for seeds in (2, 4)]
    both = stacked(tables)
    assert both.seeds.tolist() == [tables[0].seeds, tables[1].seeds]
    assert both.n_seeds.tolist() == [2, 4]
    assert both.n_images == 6
