"""A search by a metric that is better when it is smaller: the mirrored metric gives the same trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import pandas as pd
import pytest

from assay.evidence.search_results import SearchResults
from assay.metric import Metric
from assay.study import Study
from assay.tuning.identity import identity_of
from assay.tuning.importance import importances
from assay.tuning.record import best_trials
from assay.tuning.search import Search
from smfnet.config.root import Config
from smfnet.study import SMFNetStudy
from tests.assay.tuning.conftest import Desk, peak

Made = Callable[..., Search]


class Mirror(SMFNetStudy):
    """The same study, with every metric turned over."""

    metrics = tuple(replace(metric, better="smaller") for metric in SMFNetStudy.metrics)


def _mirror() -> Study:
    return Mirror()


def _negated(config: Config, seed: int, epochs: int) -> Mapping[str, float]:
    return {name: -value for name, value in peak(config, seed, epochs).items()}


@pytest.fixture
def made(desk: Desk) -> Made:
    """Carries out a search; `mirrored`: the metrics' values and directions are turned over."""

    def make(*, mirrored: bool, **arguments: Any) -> Search:
        own = replace(desk, folder=desk.folder / str(mirrored))
        search = own.search(samples=24, study=_mirror() if mirrored else None, **arguments)
        own.worker(search, curve=_negated if mirrored else peak).work()
        return search

    return make


def _trials(search: Search) -> list[tuple[Any, ...]]:
    return [(trial.params, trial.state, trial.last_step) for trial in search.study.get_trials(deepcopy=False)]


@pytest.mark.parametrize(
    ("sampler", "objective"),
    [("tpe", ("VIF",)), ("cmaes", ("VIF",)), ("random", ("VIF",)), ("nsga2", ("VIF", "SSIM"))],
)
def test_samples_and_stops_are_the_same_and_so_are_the_best(
    made: Made, sampler: str, objective: tuple[str, ...]
) -> None:
    pruning = "asha" if len(objective) == 1 else "none"
    one, other = (made(mirrored=m, sampler=sampler, objective=objective, pruning=pruning) for m in (False, True))
    assert _trials(one) == _trials(other)
    best = [[trial.number for trial in best_trials(search.study, search.settings.space)] for search in (one, other)]
    assert best[0] == best[1]
    values = [[trial.values for trial in best_trials(search.study, search.settings.space)] for search in (one, other)]
    assert values[0] == [[-value for value in each] for each in values[1]]


def test_importance_is_the_same(made: Made) -> None:
    found = [
        importances(made(mirrored=m, pruning="none").study, (Metric("VIF", better=better),), ("alpha3", "beta1"))
        for m, better in ((False, "larger"), (True, "smaller"))
    ]
    assert found[0] == found[1]
    assert found[0]


@pytest.mark.parametrize("better", ["larger", "smaller"])
def test_tables_and_fronts_turn_too(better: str) -> None:
    sign = 1 if better == "larger" else -1
    metrics = [asdict(Metric(name, better=better)) for name in ("VIF", "SSIM")]
    data = pd.DataFrame({"trial": [0, 1, 2, 3], "state": "finished", "VIF": [1, 2, 3, 0], "SSIM": [3, 2, 1, 0]})
    data[["VIF", "SSIM"]] *= sign
    record = {"objectives": ["VIF", "SSIM"], "metrics": metrics, "space": []}
    results = SearchResults(record, data, pd.DataFrame(), pd.DataFrame())
    assert list(results.front["trial"]) == [0, 1, 2]
    assert list(results.best(3)["trial"]) == [2, 1, 0]
    assert list(results.by("SSIM")["trial"]) == [0, 1, 2, 3]


def test_another_direction_is_another_search(desk: Desk) -> None:
    settings = desk.search().settings
    mirrored = replace(settings, objective=replace(settings.objective, metrics=Mirror.metrics[5:6]))
    names = [identity_of(each, 1)["objective"] for each in (settings, mirrored)]
    assert names == [["VIF"], ["VIF, smaller is better"]]
