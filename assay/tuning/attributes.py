"""What a search keeps in its study beside what Optuna does, and whether a trial that was read has all of it right."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from optuna.trial import FrozenTrial, TrialState

__all__ = [
    "BY_SEED", "IDENTITY", "METRICS", "ORIGIN", "REASON", "ROLE", "SECONDS", "STAGES_OF", "VALIDATED", "problem_of",
]  # fmt: skip

IDENTITY = "identity"  # user attribute of the study: what makes it this search and no other
ROLE = "role"  # user attribute of a trial that nobody drew: the paper's defaults, or the preset's
ORIGIN = "origin"  # of a trial that was taken from an earlier search or ablation: where from
VALIDATED = "validated"  # of a finished trial: seed -> name of its measurement
METRICS, BY_SEED, REASON, SECONDS, STAGES_OF = "metrics", "by_seed", "reason", "seconds", "stages"  # of a trial


def problem_of(trial: FrozenTrial, space: Sequence[Mapping[str, Any]], objectives: int) -> str:
    """What in a trial is not as a search writes it, in words; empty if all is. A file can be edited.

    Args:
        trial: as Optuna read it.
        space: the parameters, as they stand in the search's identity.
        objectives: how many values a finished trial has.
    """
    values = trial.values
    if values is not None and not (_numbers(values) and len(values) == objectives):
        return "its values"
    if trial.state == TrialState.COMPLETE and not (values and all(map(math.isfinite, values))):
        return "its values"
    steps = trial.intermediate_values
    if not (_numbers(steps.values()) and all(type(step) is int for step in steps)):
        return "its values on the way"
    whole = trial.state in (TrialState.COMPLETE, TrialState.PRUNED)
    if not _sampled(trial.params, space, whole) or not _sampled(trial.system_attrs.get("fixed_params", {}), space):
        return "its parameters"
    wrong = [name for name, right in _RIGHT.items() if name in trial.user_attrs and not right(trial.user_attrs[name])]
    return f"its {wrong[0]}" if wrong else ""


def _sampled(sample: Any, space: Sequence[Mapping[str, Any]], whole: bool = False) -> bool:
    """Whether a sample has values of the right types, and if it must be whole, all of them."""
    if not isinstance(sample, dict):
        return False
    known = [parameter for parameter in space if parameter["name"] in sample]
    right = (_value_of(parameter, sample[parameter["name"]]) for parameter in known)
    return all(right) and not (whole and len(known) < len(space))


def _value_of(parameter: Mapping[str, Any], value: Any) -> bool:
    if parameter["choices"]:
        return any(value == choice and type(value) is type(choice) for choice in parameter["choices"])
    return _numbers([value]) and math.isfinite(value)


def _metrics(value: Any) -> bool:
    return isinstance(value, dict) and _numbers(value.values())


def _numbers(values: Iterable[Any]) -> bool:
    return all(type(value) in (int, float) for value in values)


_RIGHT: Mapping[str, Callable[[Any], bool]] = {
    ROLE: lambda value: isinstance(value, str),
    REASON: lambda value: isinstance(value, str),
    ORIGIN: lambda value: isinstance(value, str),
    VALIDATED: lambda value: isinstance(value, dict) and all(isinstance(name, str) for name in value.values()),
    METRICS: lambda value: _metrics(value),
    BY_SEED: lambda value: isinstance(value, dict) and all(map(_metrics, value.values())),
    SECONDS: lambda value: _numbers([value]),
}
