"""Trials: one variant, or one training-free rule, under one seed."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from assay.config.changes import apply
from assay.config.errors import UserError, unknown
from assay.config.root import RootConfig
from assay.experiment.naming.fingerprint import measuring_code, stage_fingerprint, training_code, trial_fingerprint
from assay.experiment.suite import Variant, suite_of
from assay.store.received.names import file_name
from assay.store.run.record import TrialRecord
from assay.study import TEST, TRAIN, VAL, Study

__all__ = [
    "NamedStage",
    "Trial",
    "baseline_trial",
    "missing_stages",
    "trial_records",
    "trials_of",
    "validation_trial",
    "variant_trial",
]


@dataclass(frozen=True)
class NamedStage:
    """A stage (see `assay.stage.Stage`) and the fingerprint under which its result is stored."""

    stage: Any
    fingerprint: str

    @property
    def epochs(self) -> int:
        """Length of the stage."""
        return self.stage.last_epoch - self.stage.first_epoch


@dataclass(frozen=True)
class Trial:
    """A unit of work for one worker.

    Attributes:
        id: row and seed; safe as a file name.
        row, seed: of the suite.
        config: the base with the row's changes.
        stages: what has to be trained, in order; empty for a training-free rule.
        rule: name of the training-free rule, or None.
        fingerprint: under which its measurements are stored.
        split: that it is measured on.
    """

    id: str
    row: str
    seed: int
    config: Any
    stages: tuple[NamedStage, ...]
    rule: str | None
    fingerprint: str
    split: str = TEST


def trials_of(study: Study, base: RootConfig, variants: Iterable[Variant], seeds: int) -> tuple[Trial, ...]:
    """Every variant under every seed, seed by seed, so that whole tables come first.

    Raises:
        UserError: a change does not fit the configuration, or the study none of the rows.
    """
    configs = [(variant.name, _applied(base, variant)) for variant in variants]
    study.check(itertools.chain([base], (config for _, config in configs), _own_rows(study, base)))
    return tuple(variant_trial(study, name, config, base.seed + k) for k in range(seeds) for name, config in configs)


def _own_rows(study: Study, base: RootConfig) -> Iterator[RootConfig]:
    """Those of its own suite, as far as they can be made."""
    with contextlib.suppress(UserError):
        for variant in suite_of(study).variants:
            with contextlib.suppress(UserError):
                yield apply(base, variant.changes)


def _applied(base: RootConfig, variant: Variant) -> RootConfig:
    try:
        return apply(base, variant.changes)
    except UserError as error:
        raise UserError(f"row {variant.name}: {error}") from error


def missing_stages(trial: Trial, stored: Collection[str]) -> tuple[NamedStage, ...]:
    """The stages that have to be trained for a trial: those after the last one that is stored."""
    there = [index for index, named in enumerate(trial.stages) if named.fingerprint in stored]
    return trial.stages[there[-1] + 1 if there else 0 :]


def variant_trial(study: Study, row: str, config: RootConfig, seed: int) -> Trial:
    """The trial of one configuration under one seed, measured on the test split."""
    return _trial(study, row, config, seed, TEST)


def validation_trial(study: Study, row: str, config: RootConfig, seed: int) -> Trial:
    """The same measured on the validation split: no test sample is looked at."""
    return _trial(study, row, config, seed, VAL)


def _trial(study: Study, row: str, config: RootConfig, seed: int, split: str) -> Trial:
    data, parent = study.data(config, TRAIN) + study.seed_data(config, seed), None
    named = []
    for stage in study.stages(config, seed, split):
        parent = stage_fingerprint(stage, parent, data, training_code(study, stage))
        named.append(NamedStage(stage, parent))
    code = measuring_code(study, [each.stage for each in named], None, config)
    name = trial_fingerprint(study, parent, None, study.data(config, split), config, code)
    return Trial(f"{file_name(row)}-seed{seed}", row, seed, config, tuple(named), None, name, split)


def baseline_trial(study: Study, rule: str, config: RootConfig) -> Trial:
    """The trial of a training-free rule; it has no seed, which is written as -1.

    Raises:
        UserError: there is no such rule.
    """
    if rule not in study.rules:
        raise unknown("training-free row", rule, study.rules)
    code = measuring_code(study, (), rule, config)
    name = trial_fingerprint(study, None, rule, study.data(config, TEST), config, code)
    return Trial(file_name(rule), rule, -1, config, (), rule, name)


def trial_records(trials: Iterable[Trial]) -> tuple[TrialRecord, ...]:
    """What run.json says of trials before they start."""
    return tuple(
        TrialRecord(t.id, t.row, t.seed, fingerprint=t.fingerprint, stages=tuple(n.fingerprint for n in t.stages))
        for t in trials
    )
