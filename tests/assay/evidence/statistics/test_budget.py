"""What a number of seeds can resolve, against simulated tables of just that many seeds."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.calibration.rates import judged
from analysis.calibration.scenarios import Scenario, simulate
from assay.evidence.statistics.budget import smallest_effect
from assay.evidence.statistics.differences import Differences
from assay.evidence.statistics.interval import half_widths

ALPHA = 0.05 / 28
SCENARIO = Scenario(seed=0.7, image=0.1, rest=0.3)


@pytest.fixture(scope="module")
def known() -> Differences:
    """Variances that are known well, from 400 seeds."""
    return judged(simulate(SCENARIO, 400, 1, np.random.default_rng(1)))


@pytest.mark.parametrize("seeds", [3, 4, 5, 8, 12])
def test_the_smallest_effect_is_more_likely_than_not_resolved(known: Differences, seeds: int) -> None:
    true = float(np.median(smallest_effect(known, seeds, ALPHA)))
    values = simulate(SCENARIO, seeds, 300, np.random.default_rng(2))
    values[:, :, -1] += true
    found = judged(values)
    below, _ = half_widths(found.spread(), ALPHA)
    assert 0.5 < ((found.mean - below)[..., -1] > 0).mean() < 0.85


def test_more_seeds_resolve_less(known: Differences) -> None:
    effects = [np.median(smallest_effect(known, seeds, ALPHA)) for seeds in (2, 3, 5, 10, 100)]
    assert effects == sorted(effects, reverse=True)
    assert np.isinf(effects[0])  # two seeds get no word


def test_images_set_a_floor_that_seeds_cannot_lower() -> None:
    found = judged(simulate(Scenario(0.01, 1.0, 0.01), 3, 1, np.random.default_rng(3)))
    floor = np.sqrt(2 / 50) * 3.3
    assert (smallest_effect(found, 10_000, ALPHA) > 0.6 * floor).all()


def test_one_seed_tells_nothing_about_more() -> None:
    found = judged(simulate(SCENARIO, 1, 1, np.random.default_rng(4)))
    assert np.isnan(smallest_effect(found, 5, ALPHA)).all()
