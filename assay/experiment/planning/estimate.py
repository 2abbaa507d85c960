"""What a plan will cost: time and memory, from stored stages like those to come, or from a few steps tried now."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from assay.config.root import RootConfig
from assay.config.section import paths_of
from assay.experiment.planning.costs import KnownCosts
from assay.experiment.planning.plan import Plan
from assay.experiment.planning.queue import TrialQueue
from assay.experiment.trial import Trial
from assay.stage import Cost, Stage
from assay.store.store import Store
from assay.study import Study

__all__ = ["Basis", "Estimate", "TryOut", "estimate"]

TryOut = Callable[[Any, Stage], Cost | None]  # a trial's configuration, and one of its stages


class Basis(Enum):
    """What the cost of a stage rests on."""

    MADE = "as long as such stages took before"
    LIKE = "as long as others with other values took before"
    TRIED = "from a few steps on this machine"
    UNKNOWN = "unknown until one ran"


@dataclass(frozen=True)
class Estimate:
    """What is left to do; stages of unknown cost count for nothing.

    Attributes:
        work_s: seconds of all stages and measurements, one after the other.
        wall_s: seconds with so many trials at once.
        memory: bytes of one trial at its height.
        bases: number of stages by what their cost rests on.
        test_s: seconds of a test step; None if none is stored, and then it counts for nothing.
    """

    work_s: float
    wall_s: float
    memory: int
    bases: Mapping[Basis, int]
    test_s: float | None

    @property
    def unknown(self) -> int:
        """Stages of which nothing is known."""
        return self.bases.get(Basis.UNKNOWN, 0)


def estimate(study: Study, plan: Plan, store: Store, slots: int, try_out: TryOut | None = None) -> Estimate:
    """Estimate what the open trials of a plan will take.

    Args:
        study: whose trials these are.
        plan: trials against the store.
        store: some of what it has tells what such stages took.
        slots: trials at once.
        try_out: measures a stage of which the store knows nothing like it; called once per kind of stage. None: such a
            stage stays unknown.
    """
    if not plan.open:
        return Estimate(0.0, 0.0, 0, {}, None)
    configs = {named.fingerprint: trial.config for trial in plan.open for named in trial.stages}
    known = KnownCosts(store, plan, study)
    book = _Book(study, known, try_out)
    paces = {named.fingerprint: book.pace(named.stage, configs[named.fingerprint]) for named in plan.to_train}
    seconds = {named.fingerprint: paces[named.fingerprint].epoch_s * plan.epochs_left(named) for named in plan.to_train}
    test_s = known.test_s(paths_of(plan.open[-1].config))
    return Estimate(
        work_s=sum(seconds.values()) + (test_s or 0.0) * len(plan.open),
        wall_s=_wall(plan, seconds, test_s or 0.0, slots),
        memory=max((pace.memory for pace in paces.values()), default=0),
        bases=Counter(pace.basis for pace in paces.values()),
        test_s=test_s,
    )


@dataclass(frozen=True)
class _Pace:
    """Seconds of an epoch and bytes of a stage, both 0 if they are not known, and what they rest on."""

    epoch_s: float
    memory: int
    basis: Basis


class _Book:
    """The best that is known of stages, looked up once for each kind and configuration."""

    def __init__(self, study: Study, known: KnownCosts, try_out: TryOut | None) -> None:
        self._study, self._known, self._try_out = study, known, try_out
        self._paces: dict[tuple[str, int], _Pace] = {}
        self._tried: dict[str, Cost | None] = {}

    def pace(self, stage: Stage, config: RootConfig) -> _Pace:
        """Of a stage of a trial that has this configuration."""
        key = stage.kind, id(config)  # seeds share it
        if key not in self._paces:
            self._paces[key] = self._looked_up(stage, config, paths_of(config))
        return self._paces[key]

    def _looked_up(self, stage: Stage, config: RootConfig, values: Mapping[str, Any]) -> _Pace:
        step, basis = self._step(stage, config, values)
        steps = self._study.steps(config, self._known.samples(values)) if step else None
        if step is None or steps is None:
            return _Pace(0.0, 0, Basis.UNKNOWN)
        return _Pace(step.step_s * steps, step.memory, basis)

    def _step(self, stage: Stage, config: RootConfig, values: Mapping[str, Any]) -> tuple[Cost | None, Basis]:
        if made := self._known.step(stage.kind, values):
            return made, Basis.MADE
        if like := self._known.step_of_others(stage.kind, values):
            return like, Basis.LIKE
        if self._try_out is None:
            return None, Basis.UNKNOWN
        if stage.kind not in self._tried:
            self._tried[stage.kind] = self._try_out(config, stage)
        return self._tried[stage.kind], Basis.TRIED


def _wall(plan: Plan, seconds: Mapping[str, float], test_s: float, slots: int) -> float:
    """Play the run: trials take slots in their order, and one whose stage another is making lets others pass."""
    queue = TrialQueue(plan.stored, plan.open)
    events: list[tuple[float, int, str, Trial]] = []  # when, in which order, stage that is stored or "", trial
    now, busy, count = 0.0, 0, itertools.count()
    while queue or events:
        started = queue.next() if busy < slots else None
        if started:
            busy += 1
            then = now
            for named in queue.makes(started):
                then += seconds[named.fingerprint]
                heapq.heappush(events, (then, next(count), named.fingerprint, started))
            heapq.heappush(events, (then + test_s, next(count), "", started))
            continue
        now, _, stage, trial = heapq.heappop(events)
        if stage:
            queue.stored([stage])
        else:
            busy -= 1
            queue.leave(trial)
    return now
