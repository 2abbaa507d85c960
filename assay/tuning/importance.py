"""How much each parameter matters for a search's objectives (PED-ANOVA)."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from assay.metric import Metric
from assay.tuning.optuna_study import direction_of

__all__ = ["FEWEST", "Importance", "importances"]

FEWEST = 10  # trials; from fewer nothing is said
BEST_SHARE = 0.5  # told apart from the rest; Optuna's tenth would be one or two trials of a short search


@dataclass(frozen=True)
class Importance:
    """One parameter's share in what decides an objective.

    Attributes:
        step: epochs of the last stage after which the values were taken; None for the values at the end.
        trials: how many values it is made of.
    """

    objective: str
    parameter: str
    importance: float
    step: int | None
    trials: int


def importances(study: optuna.Study, objectives: Sequence[Metric], names: Sequence[str]) -> list[Importance]:
    """Importance of every parameter for every objective, the most important first; empty if there are too few trials.

    Taken are the values at the end of training if enough trials came to it; else, with one objective, the values
    after the epoch that most trials reached, where nothing had been stopped yet.

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
    study = optuna.create_study(direction=direction_of(objective))
    for trial, value in values:
        with contextlib.suppress(ValueError):  # the paper's value may lie outside a range that was typed
            study.add_trial(optuna.create_trial(params=trial.params, distributions=trial.distributions, value=value))
    count = len(study.get_trials(deepcopy=False))
    if count < FEWEST:
        return []
    evaluator = PedAnovaImportanceEvaluator(target_quantile=BEST_SHARE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shares = get_param_importances(study, evaluator=evaluator, params=list(names))
    return [Importance(objective.name, name, share, step, count) for name, share in shares.items()]
