"""The best configurations meet the test split, under seeds that the search has not used, beside the defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import optuna
from optuna.trial import FrozenTrial, TrialState

from assay.config.root import RootConfig
from assay.evidence.search_results import role_words
from assay.experiment.suite import Suite, Variant
from assay.tuning.attributes import ROLE
from assay.tuning.record import best_trials
from assay.tuning.spaces.parameter import Value, plain
from assay.tuning.spaces.space import DEFAULTS, OWN, Space

__all__ = ["confirmation", "fresh", "row_names"]


def fresh(base: RootConfig, seeds_per_trial: int, seeds: int) -> RootConfig:
    """The configuration with seeds that follow on those of the search."""
    return replace(base, seed=base.seed + seeds_per_trial, seeds=seeds)


def confirmation(study: optuna.Study, space: Space, count: int, defaults_of: str = "base") -> Suite | None:
    """The rows to train: the defaults that the search began with, and its best other trials.

    Args:
        study: of the search.
        space: of the search.
        count: how many of the best.
        defaults_of: whose values the parameters' defaults are, see `assay.study.Study`.

    Returns:
        A suite whose base is the defaults (the command's own values where those do not fit); None if no other trial
        has finished.
    """
    best = [trial for trial in best_trials(study, space) if ROLE not in trial.user_attrs][:count]
    if not best:
        return None
    rows = _first_rows(defaults_of)
    first = [_default(trial, space, rows) for trial in study.get_trials(deepcopy=False) if _is_default(trial)]
    first = first or [Variant(*rows[OWN])]  # the defaults do not fit, and the command's own values are no sample
    best_rows = [_row(f"best{place}", trial, space) for place, trial in enumerate(best, 1)]
    return Suite("confirmation", "Confirmation", first[0].name, None, (*first, *best_rows))


def row_names(roles: Sequence[str], count: int, defaults_of: str) -> tuple[str, ...]:
    """What the rows are called, the base first.

    Args:
        roles: of the samples that the search begins with.
        count: how many of the best there are.
        defaults_of: as for `confirmation`.
    """
    names = _first_rows(defaults_of)
    first = [names[role][0] for role in roles] or [names[OWN][0]]
    return (*first, *(f"best{place}" for place in range(1, count + 1)))


def _first_rows(defaults_of: str) -> dict[str, tuple[str, str]]:
    """Role -> name and title of the row."""
    words = role_words(defaults_of)
    names = ("base", "own") if defaults_of == "base" else (f"{defaults_of}_defaults", "preset_defaults")
    return {DEFAULTS: (names[0], words["defaults"]), OWN: (names[1], words["own"])}


def _is_default(trial: FrozenTrial) -> bool:
    return trial.user_attrs.get(ROLE) in (DEFAULTS, OWN) and trial.state != TrialState.FAIL


def _default(trial: FrozenTrial, space: Space, rows: Mapping[str, tuple[str, str]]) -> Variant:
    name, title = rows[trial.user_attrs[ROLE]]
    return Variant(name, title, space.changes(trial.params or trial.system_attrs["fixed_params"]))  # if it never began


def _row(name: str, trial: FrozenTrial, space: Space) -> Variant:
    title = f"trial {trial.number}: {described(space, trial.params)}"
    return Variant(name, title, space.changes(trial.params))


def described(space: Space, sample: dict[str, Value]) -> str:
    """A sample in a few words: `alpha3=4.13 beta1=25.4`."""
    return " ".join(f"{name}={short(sample[name])}" for name in space.names if name in sample)


def short(value: Value) -> str:
    """A value in three digits."""
    return f"{value:.3g}" if isinstance(value, float) else plain(value)
