"""The line of trials before the workers: one trial makes a stage while the others that need it let others pass."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable

from assay.experiment.trial import NamedStage, Trial, missing_stages

__all__ = ["TrialQueue"]


class TrialQueue:
    """Trials that wait for a worker. One whose stage another trial is making stands aside, without holding a worker.

    Whoever stands aside is looked at again when that stage is made or given up, and not before: a call takes as long
    among two thousand trials as among two.

    Args:
        stored: fingerprints of stages that are in the store.
        trials: to begin with; first come those whose stages most others wait for, else in the given order.
        seed_by_seed: that order within the trials of a seed alone, so that whole tables come first.
    """

    def __init__(self, stored: Iterable[str] = (), trials: Iterable[Trial] = (), *, seed_by_seed: bool = False) -> None:
        self._stored = set(stored)
        self._maker: dict[str, str] = {}  # stage -> id of the trial that makes it
        self._makes: dict[str, tuple[NamedStage, ...]] = {}  # the other way round
        self._waiting: dict[str, Trial] = {}
        self._line: list[tuple[int, str]] = []  # a heap of numbers in the line, and ids
        self._aside: dict[str, list[tuple[int, str]]] = defaultdict(list)  # by the stage that is waited for
        self._number = itertools.count()
        listed = list(trials)
        groups = itertools.groupby(sorted(listed, key=_seed), _seed) if seed_by_seed else [(0, iter(listed))]
        for _, group in groups:
            for trial in _in_order(group, self._stored):
                self.add(trial)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, trial: Trial) -> None:
        """Put a trial at the end of the line."""
        self._waiting[trial.id] = trial
        heapq.heappush(self._line, (next(self._number), trial.id))

    def drop(self, trial: Trial) -> None:
        """It is not wanted any longer; whether it waited, ran or neither."""
        self._waiting.pop(trial.id, None)
        self.leave(trial)

    def clear(self) -> None:
        """None of those that wait is wanted any longer; those that run are."""
        self._waiting.clear()
        self._line.clear()
        self._aside.clear()

    def next(self) -> Trial | None:
        """The first trial whose stages nobody else is making; it starts, and makes what it lacks. None: not now."""
        while self._line:
            place = heapq.heappop(self._line)
            trial = self._waiting.get(place[1])
            if trial is None:
                continue
            missing = missing_stages(trial, self._stored)
            made_by_others = [named.fingerprint for named in missing if named.fingerprint in self._maker]
            if made_by_others:
                self._aside[made_by_others[0]].append(place)
                continue
            del self._waiting[trial.id]
            self._makes[trial.id] = missing
            self._maker |= {named.fingerprint: trial.id for named in missing}
            return trial
        return None

    def makes(self, trial: Trial) -> tuple[NamedStage, ...]:
        """The stages that a running trial lacked when it started."""
        return self._makes.get(trial.id, ())

    def stored(self, fingerprints: Iterable[str]) -> None:
        """These stages are in the store now."""
        for stage in fingerprints:
            self._stored.add(stage)
            self._free(stage)

    def leave(self, trial: Trial) -> None:
        """A running trial has ended, one way or the other: nobody waits for it any longer."""
        for named in self._makes.pop(trial.id, ()):
            if self._maker.get(named.fingerprint) == trial.id:
                self._free(named.fingerprint)

    def _free(self, stage: str) -> None:
        self._maker.pop(stage, None)
        for place in self._aside.pop(stage, ()):
            heapq.heappush(self._line, place)


def _seed(trial: Trial) -> int:
    return trial.seed


def _in_order(trials: Iterable[Trial], stored: set[str]) -> list[Trial]:
    """Trials with those first whose stages most others wait for; otherwise in the given order."""
    listed = [(trial, [named.fingerprint for named in missing_stages(trial, stored)]) for trial in trials]
    users = Counter(named.fingerprint for trial, _ in listed for named in trial.stages)
    makers: set[str] = set()

    def waited_for(missing: list[str]) -> int:
        fresh = [stage for stage in missing if stage not in makers and users[stage] > 1]
        makers.update(fresh)
        return max((users[stage] for stage in fresh), default=0)

    ranks = [waited_for(missing) for _, missing in listed]
    return [listed[index][0] for index in sorted(range(len(listed)), key=lambda index: (-ranks[index], index))]
