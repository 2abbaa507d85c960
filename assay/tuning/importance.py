"""How much each parameter matters for a search's objectives (PED-ANOVA), beside what chance gives.

From few trials the most important of a few parameters has a large share whatever the values are. So the values are
shuffled over the trials many times, and each time all is computed as it was before: a parameter stands out if shuffled
values seldom give any parameter as much.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.importance import PedAnovaImportanceEvaluator
from optuna.trial import FrozenTrial, TrialState

from assay.evidence.search_results import FEWEST_FOR_IMPORTANCE as FEWEST
from assay.metric import Metric

__all__ = ["Importance", "importances"]

SHUFFLES = (39, 199)  # at least and at most: what takes about a second or two
SHUFFLED_PARAMETERS = 800  # shuffles of one parameter, of all together
BEST_SHARE = 0.5  # told apart from the rest; Optuna's tenth would be one or two trials of a short search


@dataclass(frozen=True)
class Importance:
    """One parameter's share in what decides an objective.

    Attributes:
        importance: the shares of all parameters add up to 1.
        chance: median of the same parameter's under shuffled values, in the same unit: all of it may be more than 1.
        chance_high: what 95 % of the shuffles stay below.
        p: how often shuffled values give any parameter as much.
        step: epochs of the last stage after which the values were taken; None for the values at the end.
        trials: how many values it is made of.
    """

    objective: str
    parameter: str
    importance: float
    chance: float
    chance_high: float
    p: float
    step: int | None
    trials: int


def importances(study: optuna.Study, objectives: Sequence[Metric], names: Sequence[str]) -> list[Importance]:
    """Importance of every parameter for every objective, the most important first; empty if there are too few trials.

    Taken are the values at the end of training if enough trials came to it; else, with one objective, the values
    after the epoch that most trials reached, where nothing had been stopped yet. Shuffles are seeded.

    Args:
        study: of the search.
        objectives: in the order of the values.
        names: of the parameters.
    """
    complete = [t for t in study.get_trials(deepcopy=False) if t.state == TrialState.COMPLETE]
    found: list[Importance] = []
    for index, objective in enumerate(objectives):
        step, values = None, [(trial, trial.values[index]) for trial in complete]
        if len(complete) < FEWEST and len(objectives) == 1:
            step, values = _early(study)
        found += _of(objective, values, step, names)
    return found


def _early(study: optuna.Study) -> tuple[int | None, list[tuple[FrozenTrial, float]]]:
    """The last epoch that as many trials as possible have a value of, and these values."""
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    counts: dict[int, int] = {}
    for trial in trials:
        for step in trial.intermediate_values:
            counts[step] = counts.get(step, 0) + 1
    if not counts:
        return None, []
    step = max(counts, key=lambda each: (counts[each], each))
    return step, [(t, t.intermediate_values[step]) for t in trials if step in t.intermediate_values]


def _of(
    objective: Metric, values: Sequence[tuple[FrozenTrial, float]], step: int | None, names: Sequence[str]
) -> list[Importance]:
    study, kept = _study(values)
    if len(kept) < FEWEST:
        return []
    costs = -objective.signed(np.array(kept))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = _amounts(study, costs, names)
        shuffled = np.array([_amounts(study, each, names) for each in _shuffled(costs, len(names))])
    if not own.sum():
        return []
    p = (1 + (shuffled.max(axis=1)[:, None] >= own).sum(axis=0)) / (1 + len(shuffled))
    shares = np.stack([own, np.median(shuffled, axis=0), np.quantile(shuffled, 0.95, axis=0)], axis=1) / own.sum()
    found = [
        Importance(objective.name, name, float(share), float(chance), float(high), float(often), step, len(kept))
        for name, (share, chance, high), often in zip(names, shares, p, strict=True)
    ]
    return sorted(found, key=lambda each: -each.importance)


def _study(values: Sequence[tuple[FrozenTrial, float]]) -> tuple[optuna.Study, list[float]]:
    """A study of the trials that have a value in all ranges, and these values."""
    study, kept = optuna.create_study(), []
    for trial, value in values:
        with contextlib.suppress(ValueError):  # the paper's value may lie outside a range that was typed
            study.add_trial(optuna.create_trial(params=trial.params, distributions=trial.distributions, value=value))
            kept.append(value)
    return study, kept


def _amounts(study: optuna.Study, costs: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.float64]:
    """How much each parameter tells the trials with small costs from all, in no unit."""
    evaluator = PedAnovaImportanceEvaluator(target_quantile=BEST_SHARE)
    found = evaluator.evaluate(study, params=list(names), target=lambda trial: float(costs[trial.number]))
    return np.array([found[name] for name in names])


def _shuffled(costs: NDArray[np.float64], parameters: int) -> Iterator[NDArray[np.float64]]:
    rng = np.random.default_rng(0)
    for _ in range(int(np.clip(SHUFFLED_PARAMETERS // parameters, *SHUFFLES))):
        yield rng.permutation(costs)
