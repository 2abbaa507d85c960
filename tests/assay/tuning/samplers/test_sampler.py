"""Every sampler draws inside the ranges, never the same sample twice, and again what it drew before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest

from assay.config.errors import UserError
from assay.tuning.objective import objective_of
from assay.tuning.samplers.sampler import SAMPLERS, check_sampler, sampler_for, samples_left
from assay.tuning.spaces.space import Space
from smfnet.study import study as smfnet

SpaceOf = Callable[..., Space]
Desk = Any  # see conftest.py
RANGES = ("alpha3=1:32", "batch=2:8", "lr_gamma=0.2:0.9")
MIXED = (*RANGES, "cross_attention", "graph_branch")


def _drawn(kind: str, space: Space, seed: int, count: int) -> list[dict[str, object]]:
    """Samples of a study whose values say: larger alpha3 is better."""
    study = optuna.create_study(direction="maximize")
    for number in range(count):
        study.sampler = sampler_for(kind, space, seed, number)
        trial = study.ask()
        for parameter in space.parameters:
            if parameter.choices:
                trial.suggest_categorical(parameter.name, parameter.choices)
            elif parameter.whole:
                trial.suggest_int(parameter.name, int(parameter.low or 0), int(parameter.high or 0), log=parameter.log)
            else:
                trial.suggest_float(parameter.name, parameter.low or 0, parameter.high or 0, log=parameter.log)
        study.tell(trial, float(trial.params[space.names[0]]))
    return [trial.params for trial in study.trials]


@pytest.mark.parametrize("kind", SAMPLERS)
def test_samples_lie_in_the_space(space_of: SpaceOf, kind: str) -> None:
    space = space_of(*(RANGES if kind == "cmaes" else MIXED))
    for sample in _drawn(kind, space, seed=1, count=25):
        assert sample.keys() == set(space.names)
        assert all(parameter.holds(sample[parameter.name]) for parameter in space.parameters)  # type: ignore[arg-type]
        assert isinstance(sample["batch"], int)


@pytest.mark.parametrize("kind", SAMPLERS)
def test_the_seed_decides_the_samples(space_of: SpaceOf, kind: str) -> None:
    space = space_of(*RANGES)
    one = _drawn(kind, space, seed=1, count=14)
    assert _drawn(kind, space, seed=1, count=14) == one
    assert _drawn(kind, space, seed=2, count=14) != one


@pytest.mark.parametrize("kind", ["tpe", "random", "grid", "nsga2"])
def test_a_small_space_is_used_up_without_a_repetition(space_of: SpaceOf, kind: str) -> None:
    space = space_of("cross_attention", "graph_branch", "groups=1:2")
    samples = _drawn(kind, space, seed=3, count=12)
    assert len({repr(sorted(sample.items())) for sample in samples}) == 12 == space.size


@pytest.mark.parametrize("kind", ["tpe", "cmaes"])
def test_learning_samplers_move_to_where_it_is_better(space_of: SpaceOf, kind: str) -> None:
    """The value is alpha3 itself, whose range is 1 to 32 with geometric mean 5.7."""
    samples = _drawn(kind, space_of("alpha3=1:32", "beta1"), seed=4, count=40)
    late = [float(sample["alpha3"]) for sample in samples[25:]]  # type: ignore[arg-type]
    assert sum(late) / len(late) > 15


def test_the_grid_is_every_choice_and_five_points_of_a_range(space_of: SpaceOf) -> None:
    space = space_of("alpha3=1:81", "cross_attention")
    samples = _drawn("grid", space, seed=5, count=10)
    values = [sample["alpha3"] for sample in samples]
    assert sorted(values)[::2] == [1.0, pytest.approx(3), pytest.approx(9), pytest.approx(27), 81.0]


def test_nothing_is_left_when_the_grid_is_done(desk: Desk) -> None:
    search = desk.search("alpha3=1:81", sampler="grid", samples=100)
    desk.worker(search).work()
    assert not samples_left("grid", search.settings.space, search.study)
    assert samples_left("tpe", search.settings.space, search.study)
    assert len(search.study.trials) == 1 + 5  # the paper's 8 is not on the grid 1, 3, 9, 27, 81


@pytest.mark.filterwarnings("ignore:Fixed parameter")
def test_a_value_outside_its_range_that_comes_first_disturbs_no_sampler(space_of: SpaceOf) -> None:
    space = space_of("alpha3=16:32", "beta1")
    for kind in SAMPLERS:
        study = optuna.create_study(direction="maximize")
        study.enqueue_trial(space.paper)
        for number in range(14):
            study.sampler = sampler_for(kind, space, 0, number)
            trial = study.ask()
            value = trial.suggest_float("alpha3", 16, 32, log=True) + trial.suggest_float("beta1", 1, 100, log=True)
            assert (trial.number == 0) == (trial.params["alpha3"] == 8)
            study.tell(trial, value)


@pytest.mark.parametrize(
    ("kind", "words", "objectives", "reason"),
    [
        ("tep", ["alpha3"], ["VIF"], r"unknown sampler 'tep'. Did you mean tpe\?"),
        ("cmaes", ["alpha3", "cross_attention"], ["VIF"], "cross_attention is a choice"),
        ("cmaes", ["alpha3"], ["VIF"], "alpha3 is the only parameter"),
        ("cmaes", ["alpha3", "beta1"], ["VIF", "SSIM"], "one objective"),
    ],
)
def test_a_sampler_that_does_not_apply_is_refused(
    space_of: SpaceOf, kind: str, words: list[str], objectives: list[str], reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        check_sampler(kind, space_of(*words), objective_of(",".join(objectives), smfnet()))


def test_no_pickle_is_kept_in_the_study(desk: Desk) -> None:
    desk.worker(desk.search(sampler="cmaes", samples=30)).work()
    text = Path(desk.folder / "study.journal").read_text()
    assert "cma:optimizer" not in text
