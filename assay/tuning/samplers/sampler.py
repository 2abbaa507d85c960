"""Optuna's samplers for ask and tell: the next sample follows from the study and the seed alone, and none comes twice.

A sampler is made anew for every trial, with a seed of its own that is made of the search's seed and the trial's number:
a search that was killed and goes on draws what it would have drawn.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, NSGAIISampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from assay.config.errors import UserError, unknown
from assay.tuning.objective import Objective
from assay.tuning.samplers.cma_es import CmaEs
from assay.tuning.spaces.parameter import Parameter, Value
from assay.tuning.spaces.space import Space

__all__ = ["SAMPLERS", "check_sampler", "distributions_of", "key_of", "sampler_for", "samples_left", "seen"]

GRID_POINTS = 5  # of a range
STARTUP_TRIALS = 5  # TPE begins to learn after so many
POPULATION = 10  # of NSGA-II
ATTEMPTS = 20  # to draw a sample that the study has not had
MOST_LISTED = 100_000  # samples of a finite space that are ever listed

Values = Callable[[Parameter], Sequence[Value]]
Key = frozenset[tuple[str, Value, bool]]


def check_sampler(kind: str, space: Space, objective: Objective) -> None:
    """Whether a sampler can do a search.

    Raises:
        UserError: it is unknown, or does not apply, with what does.
    """
    if kind not in SAMPLERS:
        raise unknown("sampler", kind, SAMPLERS)
    if kind == "cmaes":
        if objective.several:
            raise UserError("sampler cmaes works on one objective; use tpe or nsga2 for several")
        chosen = [parameter.name for parameter in space.parameters if parameter.choices]
        if chosen or len(space.parameters) < 2:
            why = f"{chosen[0]} is a choice" if chosen else f"{space.names[0]} is the only parameter"
            raise UserError(f"sampler cmaes needs at least two parameters, all of them ranges; {why}: use tpe")


def distributions_of(space: Space) -> dict[str, BaseDistribution]:
    """What Optuna calls the ranges and choices of a space."""
    return {parameter.name: _distribution(parameter) for parameter in space.parameters}


def sampler_for(kind: str, space: Space, seed: int, number: int) -> BaseSampler:
    """The sampler of one trial.

    Args:
        kind: one of `SAMPLERS`.
        space: what to draw from.
        seed: of the search.
        number: of the trial.
    """
    own = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
    return Unseen(SAMPLERS[kind](space, seed, own), space, own)


def samples_left(kind: str, space: Space, study: Study) -> bool:
    """Whether there is a sample that the study has not had."""
    values = _grid_values if kind == "grid" else _all_values
    if kind != "grid" and space.size > MOST_LISTED:
        return True
    had = seen(study)
    return any(key_of(sample) not in had for sample in _product(space, values))


class Unseen(BaseSampler):
    """Draws every parameter at once from another sampler, until the sample is new to the study.

    In a finite space that is nearly used up it ends with a random one of the samples that are left.
    """

    def __init__(self, inner: BaseSampler, space: Space, seed: int) -> None:
        self._inner, self._space, self._rng = inner, space, np.random.default_rng(seed)
        self._distributions = distributions_of(space)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """All of it: the space of a search does not change."""
        return self._distributions

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """A whole sample that no other trial has."""
        had = seen(study, without=trial.number)
        for _ in range(ATTEMPTS):
            sample = self._inner.sample_relative(study, trial, search_space)
            for name in [name for name in search_space if name not in sample]:
                sample[name] = self._inner.sample_independent(study, trial, name, search_space[name])
            if key_of(sample) not in had:
                return sample
        return self._one_left(had) or sample

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Only asked where a sample lies outside its range, which none does."""
        return self._inner.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Passed on."""
        self._inner.before_trial(study, trial)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Passed on."""
        self._inner.after_trial(study, trial, state, values)

    def _one_left(self, had: set[Key]) -> dict[str, Value] | None:
        if self._space.size > MOST_LISTED:
            return None
        left = [sample for sample in _product(self._space, _all_values) if key_of(sample) not in had]
        return left[int(self._rng.integers(len(left)))] if left else None


class Grid(BaseSampler):
    """Every point of a grid once, in an order that the search's seed shuffles.

    Optuna's own grid sampler ends the study from within, which ask and tell refuses, and knows no enqueued trials.
    """

    def __init__(self, space: Space, seed: int) -> None:
        self._space, self._seed = space, seed

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """All of it."""
        return distributions_of(self._space)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """The first point in the shuffled order that the study has not had."""
        had = seen(study, without=trial.number)
        points = list(_product(self._space, _grid_values))
        order = np.random.default_rng(self._seed).permutation(len(points))
        return next(points[index] for index in order if key_of(points[index]) not in had)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Never asked."""
        raise NotImplementedError


SAMPLERS: Mapping[str, Callable[[Space, int, int], BaseSampler]] = {
    "tpe": lambda space, seed, own: TPESampler(n_startup_trials=STARTUP_TRIALS, seed=own),
    "random": lambda space, seed, own: RandomSampler(seed=own),
    "grid": lambda space, seed, own: Grid(space, seed),
    "cmaes": lambda space, seed, own: CmaEs(space, own),
    "nsga2": lambda space, seed, own: NSGAIISampler(population_size=POPULATION, seed=own),
}


def _distribution(parameter: Parameter) -> BaseDistribution:
    if parameter.choices:
        return CategoricalDistribution(parameter.choices)
    assert parameter.low is not None
    assert parameter.high is not None
    if parameter.whole:
        return IntDistribution(int(parameter.low), int(parameter.high), log=parameter.log)
    return FloatDistribution(parameter.low, parameter.high, log=parameter.log)


def _all_values(parameter: Parameter) -> Sequence[Value]:
    """Every value of a parameter of finitely many."""
    if parameter.choices:
        return parameter.choices
    assert parameter.low is not None
    assert parameter.high is not None
    return range(int(parameter.low), int(parameter.high) + 1)


def _grid_values(parameter: Parameter) -> Sequence[Value]:
    """Every choice, or a few points of a range, evenly spread on its scale."""
    if parameter.choices:
        return parameter.choices
    assert parameter.low is not None
    assert parameter.high is not None
    spread = np.geomspace if parameter.log else np.linspace
    points = [float(point) for point in spread(parameter.low, parameter.high, GRID_POINTS)]
    points[0], points[-1] = parameter.low, parameter.high  # not a rounding error beside them
    return list(dict.fromkeys(round(point) for point in points)) if parameter.whole else points


def _product(space: Space, values: Values) -> Iterator[dict[str, Value]]:
    for point in itertools.product(*(values(parameter) for parameter in space.parameters)):
        yield dict(zip(space.names, point, strict=True))


def seen(study: Study, without: int | None = None) -> set[Key]:
    """The samples of a study's trials, whatever became of them; those that wait for their turn included."""
    trials = study.get_trials(deepcopy=False)
    return {key_of(trial.system_attrs.get("fixed_params", trial.params)) for trial in trials if trial.number != without}


def key_of(sample: Mapping[str, Value]) -> Key:
    """The same for the same sample: 8 and 8.0 are alike, 1 and true are not."""
    return frozenset((name, value, isinstance(value, bool)) for name, value in sample.items())
