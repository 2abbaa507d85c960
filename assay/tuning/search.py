"""The search as a source of trials: asks the study for samples, tells it how they ended, and stops the poor ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import optuna
from optuna.trial import FrozenTrial, TrialState

from assay.config.errors import UserError
from assay.experiment.planning.queue import TrialQueue
from assay.experiment.source import Finished, Stop, Waiting
from assay.experiment.time_limit import TimeLimit
from assay.experiment.trial import Trial
from assay.stage import Progress
from assay.store.run.folder import RunFolder
from assay.store.store import STAGES, Store
from assay.tuning.attributes import BY_SEED, METRICS, ORIGIN, REASON, ROLE, SECONDS, STAGES_OF, VALIDATED
from assay.tuning.pruning import pruner_for
from assay.tuning.samplers.sampler import sampler_for, samples_left
from assay.tuning.settings import SearchSettings
from assay.tuning.spaces.parameter import Parameter, Value
from assay.tuning.spaces.space import Space
from assay.tuning.validation import Validated, mean_of

__all__ = ["Listener", "Search", "draw"]


class Listener(Protocol):
    """Who wants to know, a display for instance. Numbers are those of the study's trials."""

    def started(self, number: int, sample: Mapping[str, Value]) -> None:
        """A sample is being tried; also said of one that goes on."""
        ...

    def moved(self, number: int, trial: Trial, progress: Progress) -> None:
        """One of its trials reported."""
        ...

    def valued(self, number: int, step: int, value: float) -> None:
        """It has a validation value after so many epochs of its last stage."""
        ...

    def ended(self, trial: FrozenTrial) -> None:
        """It is over: finished, stopped, failed, or left to the next search."""
        ...


@dataclass
class _Sample:
    """A sample at work: the study's trial, and our trials, one for each seed."""

    trial: optuna.Trial
    units: tuple[Trial, ...]
    kept: bool  # is not stopped before its end
    steps: dict[int, dict[str, Mapping[str, float]]] = field(default_factory=dict)
    ended: dict[str, Validated] = field(default_factory=dict)


class Search:
    """A `Source` of the trials of a search; the only one who writes to its study.

    Args:
        settings: what is searched.
        study: its memory; samples that were being tried when it was left go on first.
        store: where the workers put what they make.
        samples: no further one is begun when so many have been, those of earlier commands included.
        listener: told of every change.
        run: folder that gets what trials print, and their tracebacks; None: nobody keeps them there.
        limit: of time; none if None.
    """

    def __init__(
        self,
        settings: SearchSettings,
        study: optuna.Study,
        store: Store,
        samples: int,
        listener: Listener,
        run: RunFolder | None = None,
        limit: TimeLimit | None = None,
    ) -> None:
        self._run, self._limit = run, limit
        self.settings, self.study, self.store, self.samples, self.listener = settings, study, store, samples, listener
        self._queue = TrialQueue()
        self._samples: dict[str, _Sample] = {}  # by the ids of their trials that have not ended
        study.pruner = pruner_for(settings.pruning, settings.epochs)
        for left in study.get_trials(states=(TrialState.RUNNING,)):
            study.sampler = self._sampler(left.number)
            self._begin(optuna.Trial(study, left._trial_id))

    def has_work(self) -> bool:
        """Whether there is a trial to start."""
        return bool(self._queue) or self._may_ask()

    def next(self) -> Trial | type[Finished] | type[Waiting]:
        """The first trial in the queue whose stages nobody else is making; samples are asked for when it is empty."""
        while True:
            if trial := self._queue.next():
                if self._limit:
                    self._limit.started(trial)
                return trial
            if self._queue:
                return Waiting
            if not self._may_ask():
                return Finished
            self._ask()

    def progressed(self, trial: Trial, report: Mapping[str, Any]) -> Stop:
        """Note a trial's progress and its validation values; says whether it is worth going on."""
        sample = self._samples.get(trial.id)
        if sample is None:  # stopped with the others of its sample
            return Stop.YES
        if self._limit and self._limit.is_up():
            self._end(sample, TrialState.RUNNING, "time was up")
            return Stop.YES
        self._queue.stored(report["stored"])
        self.listener.moved(sample.trial.number, trial, Progress(**report["progress"]))
        if "step" not in report or not self._note(sample, trial, report["step"], report["metrics"]):
            return Stop.NO
        poor = sample.trial.should_prune()  # asked of every sample, so that all are compared at the rungs
        if not poor or sample.kept or report["step"] >= _last_step(trial):
            return Stop.NO
        step = report["step"]
        reason = f"stopped after {step} epoch{'s' if step > 1 else ''} of its last stage"
        self._end(sample, TrialState.PRUNED, reason)
        self._drop_checkpoints(sample)
        return Stop.YES

    def printed(self, trial: Trial, text: str) -> None:
        """Keep it in the search's folder."""
        if self._run:
            self._run.write_log(trial.id, text)

    def finished(self, trial: Trial, outcome: Validated) -> None:
        """Take the values; with the last seed the sample is complete."""
        self._queue.stored(named.fingerprint for named in trial.stages)
        self._queue.leave(trial)
        if self._limit:
            self._limit.ended(trial)
        sample = self._samples.pop(trial.id, None)
        if sample is None:
            return
        sample.ended[trial.id] = outcome
        for step, metrics in (*outcome.curve, (_last_step(trial), outcome.metrics)):  # the end also of what was stored
            self._note(sample, trial, step, metrics)
        if len(sample.ended) == len(sample.units):
            self._complete(sample)

    def failed(self, trial: Trial, reason: str, traceback: str, again: bool = False) -> None:
        """A sample fails with any of its trials; the reason is kept in the study.

        What may succeed another time (after a full disk, say) stays open in the study: the next search begins with it.
        """
        self._queue.leave(trial)
        if self._run:
            self._run.write_error(trial.id, traceback)
        if sample := self._samples.get(trial.id):
            sample.trial.set_user_attr("traceback", traceback)
            self._end(sample, TrialState.RUNNING if again else TrialState.FAIL, f"seed {trial.seed}: {reason}")

    def _may_ask(self) -> bool:
        trials = self._trials()
        waiting = [each for each in trials if each.state == TrialState.WAITING]
        taken = any(ORIGIN in each.user_attrs for each in waiting)  # is there, and only measured: costs no budget
        begun = sum(ORIGIN not in each.user_attrs and each.state != TrialState.WAITING for each in trials)
        if begun >= self.samples and not taken:
            return False
        if self._limit and not self._limit.allows():
            return False
        return bool(waiting) or samples_left(self.settings.sampler, self.settings.space, self.study)

    def _ask(self) -> None:
        self.study.sampler = self._sampler(len(self._trials()))
        self._begin(self.study.ask())

    def _trials(self) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False)

    def _state(self, sample: _Sample) -> FrozenTrial:
        """What the study has of a sample, without a look at all others."""
        return self.study._storage.get_trial(sample.trial._trial_id)

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        return sampler_for(self.settings.sampler, self.settings.space, self.settings.seed, number)

    def _begin(self, trial: optuna.Trial) -> None:
        """Draw what is not drawn yet, and put the sample's trials into the queue."""
        drawn = draw(trial, self.settings.space)
        self.listener.started(trial.number, drawn)
        try:
            units = tuple(self.settings.make(trial.number, self.settings.space.apply(self.settings.base, drawn)))
        except UserError as error:
            self._end(_Sample(trial, (), kept=False), TrialState.FAIL, str(error))
            return
        given = not {ROLE, ORIGIN}.isdisjoint(trial.user_attrs)
        sample = _Sample(trial, units, kept=given or self.settings.objective.several)
        for unit in units:
            named = (stage.fingerprint for stage in unit.stages)
            self._queue.stored(name for name in named if self.store.find(STAGES, name))
            self._samples[unit.id] = sample
            self._queue.add(unit)
            if self._run:
                self._run.drop_logs(unit.id)

    def _note(self, sample: _Sample, trial: Trial, step: int, metrics: Mapping[str, float]) -> bool:
        """Report a validation value to the study once all seeds have it; says whether that was now."""
        values = sample.steps.setdefault(step, {})
        values[trial.id] = metrics
        if len(values) < len(sample.units) or self.settings.objective.several:
            return False
        known = self._state(sample).intermediate_values
        if step not in known:
            (value,) = self.settings.objective.values(mean_of(list(values.values())))
            sample.trial.report(value, step)
            self.listener.valued(sample.trial.number, step, value)
        return step >= max(known, default=step)

    def _complete(self, sample: _Sample) -> None:
        by_seed = {str(unit.seed): dict(sample.ended[unit.id].metrics) for unit in sample.units}
        mean = mean_of(list(by_seed.values()))
        values = self.settings.objective.values(mean)
        attributes: dict[str, Any] = {METRICS: mean, BY_SEED: by_seed, STAGES_OF: _stages(sample)}
        attributes[VALIDATED] = {str(unit.seed): unit.fingerprint for unit in sample.units}
        attributes[SECONDS] = sum(each.seconds for each in sample.ended.values())
        for name, value in attributes.items():
            sample.trial.set_user_attr(name, value)
        if all(map(math.isfinite, values)):
            self._end(sample, TrialState.COMPLETE, "", values)
        else:
            self._end(sample, TrialState.FAIL, "its validation values are not finite")

    def _end(self, sample: _Sample, state: TrialState, reason: str, values: Sequence[float] | None = None) -> None:
        """Tell the study; what the sample still has in the queue or at work is not wanted any longer."""
        if reason or REASON in sample.trial.user_attrs:
            sample.trial.set_user_attr(REASON, reason)
        if state.is_finished():
            self.study.tell(sample.trial.number, values=values, state=state)
        for unit in sample.units:
            self._samples.pop(unit.id, None)
            self._queue.drop(unit)
        self.listener.ended(self._state(sample))

    def _drop_checkpoints(self, sample: _Sample) -> None:
        """Nobody goes on with a stage that was stopped."""
        for unit in sample.units:
            self.store.drop_checkpoint(unit.stages[-1].fingerprint)


def draw(trial: optuna.Trial, space: Space) -> dict[str, Value]:
    """A trial's sample; what it has not drawn yet is drawn now."""
    return {parameter.name: _suggested(trial, parameter) for parameter in space.parameters}


def _suggested(trial: optuna.Trial, parameter: Parameter) -> Value:
    """The trial's value of a parameter; drawn if it has none yet."""
    if parameter.choices:
        chosen: Any = trial.suggest_categorical(parameter.name, parameter.choices)
        return chosen
    assert parameter.low is not None
    assert parameter.high is not None
    if parameter.whole:
        return trial.suggest_int(parameter.name, int(parameter.low), int(parameter.high), log=parameter.log)
    return trial.suggest_float(parameter.name, parameter.low, parameter.high, log=parameter.log)


def _last_step(trial: Trial) -> int:
    """Epochs of the last stage."""
    last = trial.stages[-1].stage
    return last.last_epoch - last.first_epoch


def _stages(sample: _Sample) -> list[str]:
    return [named.fingerprint for unit in sample.units for named in unit.stages]
