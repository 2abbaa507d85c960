"""What more seeds would decide, against the same simulated tables with just that many seeds."""

from __future__ import annotations

import numpy as np
import pytest

from assay.evidence.statistics.forecast import forecast
from assay.evidence.statistics.verdict import verdicts_of
from assay.evidence.statistics.words import NOT_RESOLVED
from tests.synthetic_runs import measured_values

ROWS, IMAGES, TABLES = 8, 20, 20


def _tables(rng: np.random.Generator, seeds: int, between: float) -> np.ndarray:
    """Metrics x rows x seeds x images, the base first; true differences scatter by `between` of a seed's spread."""
    shape = (2, ROWS)
    true = np.where(np.arange(ROWS), rng.normal(0, between, shape), 0.0)[..., None, None]
    return true + rng.normal(0, 1.0, (*shape, seeds, 1)) + rng.normal(0, 0.3, (*shape, seeds, IMAGES))


def _decided(values: np.ndarray) -> int:
    words = verdicts_of(measured_values(values)).data["verdict"]
    return int((~words.isin(["", NOT_RESOLVED])).sum())


@pytest.mark.parametrize("between", [0.0, 3.0])
def test_as_many_are_decided_as_was_told(between: float) -> None:
    rng = np.random.default_rng(0)
    every = [_tables(rng, 12, between) for _ in range(TABLES)]
    told = [forecast(measured_values(values[:, :, :6]), 12) for values in every]
    found = [_decided(values) for values in every]
    assert np.mean([each.decided for each in told if each]) == pytest.approx(np.mean(found), abs=0.6)
    inside = [each.low <= count <= each.high for each, count in zip(told, found, strict=True) if each]
    assert np.mean(inside) > 0.65


def test_with_the_seeds_that_are_there_it_is_what_the_table_says() -> None:
    values = _tables(np.random.default_rng(1), 6, 6.0)
    told = forecast(measured_values(values), 6)
    assert told
    assert told.low == told.high == _decided(values) > 0


def test_one_seed_foretells_nothing() -> None:
    values = _tables(np.random.default_rng(2), 1, 2.0)
    assert forecast(measured_values(values), 12) is None


def test_too_few_seeds_for_words_foretell_nothing() -> None:
    assert forecast(measured_values(_tables(np.random.default_rng(3), 2, 2.0)), 2) is None
