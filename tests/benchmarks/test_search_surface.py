"""`python -m benchmarks.search_surface`: searches of a made-up surface, with the project's own sampler and pruner."""

from __future__ import annotations

import math
from collections.abc import Iterator

import optuna
import pytest

from benchmarks.search_surface import EPOCHS, SURFACES, spent


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


def test_without_pruning_every_trial_is_trained_to_its_end() -> None:
    trials, epochs = spent(SURFACES[0], "tpe", "none", 0)
    assert math.isfinite(trials)
    assert epochs == trials * EPOCHS


def test_pruning_spares_a_third_of_the_epochs_or_more() -> None:
    trials, epochs = spent(SURFACES[0], "cmaes", "asha", 0)
    assert math.isfinite(trials)
    assert epochs < trials * EPOCHS * 2 / 3
