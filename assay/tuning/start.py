"""What an earlier search or an ablation has already of a new search: it is taken, and nothing of it trained again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from assay.config.changes import apply, difference
from assay.config.errors import UserError, one_line
from assay.experiment.trained import row_config
from assay.experiment.trial import Trial
from assay.store.run.folder import RunFolder
from assay.store.store import STAGES, Store
from assay.tuning.attributes import BY_SEED, IDENTITY, METRICS, ORIGIN, ROLE, SECONDS, STAGES_OF, VALIDATED, problem_of
from assay.tuning.identity import is_decisive
from assay.tuning.optuna_study import STUDY_FILE, read_study
from assay.tuning.samplers.sampler import distributions_of, key_of, seen
from assay.tuning.settings import SearchSettings
from assay.tuning.spaces.parameter import Parameter, Value
from assay.tuning.validation import mean_of

__all__ = ["Start", "start_of"]

Metrics = Mapping[str, float]
Measured = Callable[[tuple[Trial, ...]], tuple[Metrics, ...]]
UNFINISHED, OUTSIDE = "not finished", "outside the space"


@dataclass(frozen=True)
class _Taken:
    """One trial of the new search that is done; without metrics its networks are there and only measured.

    Attributes:
        origin: where it comes from, for people.
        sample: in the new space.
        units: the trainings that it would need.
        metrics: of each of them on the validation split, or none.
    """

    origin: str
    sample: Mapping[str, Value]
    units: tuple[Trial, ...]
    metrics: tuple[Metrics, ...] = ()


@dataclass
class Start:
    """What is taken from a folder, and why the rest is not.

    Attributes:
        folder: of the earlier search or ablation.
        noun: what it has: `trial` or `row`.
        taken: in its order.
        left: reason -> how many.
    """

    folder: Path
    noun: str
    taken: list[_Taken] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)

    @property
    def line(self) -> str:
        """`from runs/search-lr-1a2b3c: 7 of 12 trials, nothing of them is trained again; not: 5 outside the space`."""
        count = len(self.taken) + sum(self.left.values())
        how = "nothing of them is trained again" if self.noun == "trial" else "their networks are there, and measured"
        left = ", ".join(f"{number} {reason}" for reason, number in self.left.items())
        told = f"from {self.folder}: {len(self.taken)} of {count} {self.noun}s are taken, {how}"
        return one_line(told + (f"; not taken: {left}" if left else ""), most=1000)

    def tell(self, study: optuna.Study, settings: SearchSettings, first: Mapping[str, Mapping[str, Value]]) -> None:
        """Let a study have what it has not.

        Args:
            study: of the new search.
            settings: of it.
            first: role -> sample that a search begins with.
        """
        roles = {key_of(sample): role for role, sample in first.items()}
        known = seen(study)
        for taken in self.taken:
            if key_of(taken.sample) in known:
                continue
            about = {ORIGIN: taken.origin}
            if role := roles.get(key_of(taken.sample)):
                about[ROLE] = role
            if taken.metrics:
                study.add_trial(_finished(taken, settings, about))
            else:
                study.enqueue_trial(dict(taken.sample), user_attrs=about)


def start_of(folder: Path, settings: SearchSettings, store: Store) -> Start:
    """Look through an earlier search or ablation; nothing is written.

    A trial is taken if its configuration lies in the new space, and if its networks and its measurements have the names
    that they would have in the new search: same values, seeds, data, code and device. A row of an ablation has met test
    samples alone: it is taken if its networks are in the store, and measured on the validation split.

    Args:
        folder: of the search or the ablation.
        settings: of the new search.
        store: of the new search.

    Raises:
        UserError: it is neither, it is damaged, or nothing of it can be taken.
    """
    if (folder / STUDY_FILE).is_file():
        start = _of_search(folder, settings)
    elif (folder / "run.json").is_file():
        start = _of_ablation(RunFolder(folder), settings, store)
    else:
        raise UserError(f"{folder} is no folder of a search or an ablation: nothing can be taken from it")
    if not start.taken:
        reasons = ", ".join(f"{number} {reason}" for reason, number in start.left.items())
        raise UserError(f"{folder}: nothing can be taken from it: {reasons or f'it has no {start.noun}'}")
    return start


def _of_search(folder: Path, settings: SearchSettings) -> Start:
    start, study = Start(folder, "trial"), read_study(folder)
    identity = study.user_attrs.get(IDENTITY)
    try:
        parameters = [_parameter(each) for each in identity["space"]]  # type: ignore[index]
        values = dict(identity["configuration"])  # type: ignore[index]
        space = identity["space"]  # type: ignore[index]
        trials = study.get_trials(deepcopy=False)
        problems = [problem_of(trial, space, len(study.directions)) for trial in trials]
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise UserError(f"{folder / STUDY_FILE} holds a study that no search began, or was edited") from error
    if damaged := next(filter(None, problems), ""):
        raise UserError(f"{folder / STUDY_FILE} is damaged ({damaged}): nothing is taken from it")
    for trial in trials:
        if trial.state != TrialState.COMPLETE:
            start.left[UNFINISHED] += 1
            continue
        changes: dict[str, Any] = {}
        for parameter in parameters:
            changes |= parameter.changes(trial.params[parameter.name])
        _consider(start, f"{folder}: trial {trial.number}", values | changes, settings, _measured_in(trial))
    return start


def _of_ablation(run: RunFolder, settings: SearchSettings, store: Store) -> Start:
    start, record = Start(run.folder, "row"), run.record
    for row in record.rows:
        if row.baseline:
            continue
        finished = {t.seed: t.stages for t in record.trials if t.row == row.name and t.status == "finished"}
        config = row_config(settings.study, run, row.name)
        other = difference(config, settings.base).items()
        here = {path: mine for path, (mine, _) in other if is_decisive(path, settings.study)}
        _consider(start, f"{run.folder}: row {row.name}", here, settings, _trained_in(finished, store))
    return start


class _Refused(Exception):
    """Why something is not taken."""


def _consider(
    start: Start, origin: str, values: Mapping[str, Any], settings: SearchSettings, measured: Measured
) -> None:
    """Take a trial, or count why not."""
    try:
        sample = _sample(values, settings)
        units = tuple(settings.make(0, settings.space.apply(settings.base, sample)))
        start.taken.append(_Taken(one_line(origin), sample, units, measured(units)))
    except _Refused as why:
        start.left[str(why)] += 1


def _sample(values: Mapping[str, Any], settings: SearchSettings) -> dict[str, Value]:
    """What a configuration is in the new space."""
    base, space = settings.base, settings.space
    try:
        config = apply(base, values)
        sample = space.sample_of(config)
        if sample is None or not space.holds(sample):
            raise _Refused(OUTSIDE)
        there = space.apply(base, sample)
    except UserError as error:
        raise _Refused("of another study or version") from error
    if other := [path for path in difference(config, there) if is_decisive(path, settings.study)]:
        raise _Refused(f"with another {other[0]}")
    return sample


def _measured_in(trial: FrozenTrial) -> Measured:
    """How to find the metrics of a trial's seeds, if they are those that the new search would find."""
    names, metrics = trial.user_attrs.get(VALIDATED, {}), trial.user_attrs.get(BY_SEED, {})

    def found(units: tuple[Trial, ...]) -> tuple[Metrics, ...]:
        if any(str(unit.seed) not in metrics for unit in units):
            raise _Refused("under other seeds")
        if any(names.get(str(unit.seed)) != unit.fingerprint for unit in units):
            raise _Refused("made by other code, data or device")
        return tuple(metrics[str(unit.seed)] for unit in units)

    return found


def _trained_in(finished: Mapping[int, tuple[str, ...]], store: Store) -> Measured:
    """Whether a row's networks are those that the new search would train, and are there; nothing is measured yet."""

    def found(units: tuple[Trial, ...]) -> tuple[Metrics, ...]:
        if any(unit.seed not in finished for unit in units):
            raise _Refused("under other seeds")
        names = {unit.seed: tuple(stage.fingerprint for stage in unit.stages) for unit in units}
        if any(finished[seed] != stages for seed, stages in names.items()):
            raise _Refused("made by other code or data")
        if not all(store.find(STAGES, stages[-1]) for stages in names.values()):
            raise _Refused(f"whose networks are not in the storage {store.files.root}")
        return ()

    return found


def _finished(taken: _Taken, settings: SearchSettings, about: Mapping[str, Any]) -> FrozenTrial:
    mean = mean_of(taken.metrics)
    by_seed = {str(unit.seed): dict(metrics) for unit, metrics in zip(taken.units, taken.metrics, strict=True)}
    stages = [named.fingerprint for unit in taken.units for named in unit.stages]
    names = {str(unit.seed): unit.fingerprint for unit in taken.units}
    return create_trial(
        state=TrialState.COMPLETE,
        values=settings.objective.values(mean),
        params=dict(taken.sample),
        distributions=distributions_of(settings.space),
        user_attrs={METRICS: mean, BY_SEED: by_seed, STAGES_OF: stages, VALIDATED: names, SECONDS: 0.0, **about},
    )


def _parameter(raw: Mapping[str, Any]) -> Parameter:
    """As an identity has it."""
    known = json.loads(json.dumps(raw))
    choices = tuple(known.pop("choices"))
    return Parameter(**known, choices=choices, group="", meaning="")
