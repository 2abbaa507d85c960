"""CMA-ES whose state follows from the study's trials: every draw replays them, so that nothing else has to be kept.

Optuna's own CMA-ES sampler keeps its state as a pickle in the study, and this project opens no pickle from a folder
that a user names.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from cmaes import CMA
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from assay.tuning.spaces.parameter import Parameter, Value
from assay.tuning.spaces.space import Space

__all__ = ["CmaEs"]

_SIGMA = 0.25  # first standard deviation, in parts of a range


class CmaEs(BaseSampler):
    """Covariance matrix adaptation on the ranges scaled to [0, 1], from the paper's values on.

    Args:
        space: ranges only, at least two.
        seed: of the next draw.
    """

    def __init__(self, space: Space, seed: int) -> None:
        self._space, self._seed = space, seed

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Nothing: the space is known."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """A draw from the distribution that the trials so far have made."""
        parameters = self._space.parameters
        start = np.array([_to_unit(parameter, parameter.paper) for parameter in parameters])
        state = CMA(mean=start, sigma=_SIGMA, bounds=np.tile([0.0, 1.0], (len(start), 1)), seed=0)
        ended = [each for each in study.get_trials(deepcopy=False) if each.state.is_finished()]
        for first in range(0, len(ended) - state.population_size + 1, state.population_size):
            generation = sorted(ended[first : first + state.population_size], key=partial(_rank, study))
            state.tell([(self._point(each), float(place)) for place, each in enumerate(generation)])
        state.reseed_rng(self._seed)
        self._seed += 1  # another attempt draws another point
        return {p.name: _from_unit(p, float(x)) for p, x in zip(parameters, state.ask(), strict=True)}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Never asked."""
        raise NotImplementedError

    def _point(self, trial: FrozenTrial) -> NDArray[np.float64]:
        return np.array([_to_unit(p, trial.params.get(p.name, p.paper)) for p in self._space.parameters])


def _rank(study: Study, trial: FrozenTrial) -> tuple[int, int, float]:
    """Best first: finished trials by value, then those that were stopped, the longest first, then failed ones."""
    sign = -1 if study.direction == StudyDirection.MAXIMIZE else 1
    if trial.state == TrialState.COMPLETE:
        return 0, 0, sign * trial.values[0]
    if trial.state == TrialState.PRUNED and trial.last_step is not None:
        return 1, -trial.last_step, sign * trial.intermediate_values[trial.last_step]
    return 2, 0, 0.0


def _to_unit(parameter: Parameter, value: Value) -> float:
    """A value's place in its range, within [0, 1]."""
    assert parameter.low is not None
    inside = max(float(value), parameter.low)  # 0 has no logarithm
    low, high, at = (_scaled(parameter, number) for number in (parameter.low, parameter.high, inside))
    return min(max((at - low) / (high - low), 0.0), 1.0)


def _from_unit(parameter: Parameter, place: float) -> Value:
    low, high = _scaled(parameter, parameter.low), _scaled(parameter, parameter.high)
    at = low + place * (high - low)
    value = math.exp(at) if parameter.log else at
    assert parameter.low is not None
    assert parameter.high is not None
    clipped = min(max(value, parameter.low), parameter.high)
    return round(clipped) if parameter.whole else clipped


def _scaled(parameter: Parameter, value: Value | None) -> float:
    number = float(value or 0.0)
    return math.log(number) if parameter.log else number
