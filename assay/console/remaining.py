"""How long it takes until all trials have ended, by what trials of the same kind took."""

from __future__ import annotations

import heapq
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Remaining", "Work"]

Work = Mapping[str, Mapping[str, int]]

_MOST_PLAYED = 200  # trials that are dealt to the slots one by one; of more, the first ones only fill these evenly
_KNOWN = 0.1  # of a stage; less says nothing about the rest
_STARTS = 8  # of trials, that tell how many run at once
_MOST_PACES = 50  # of a kind of stage, that are remembered
_OVERDUE = 0.05  # of its time, that a trial which should have ended is taken to last still
_LAG, _LEAST_LAG_S = 0.02, 0.5  # of the whole run: how long the end that is told takes to follow

_Kind = tuple[tuple[str, int], ...]


@dataclass
class _Running:
    """A trial at work.

    Attributes:
        began: when.
        waited: its worker had to be started first.
        stage: where it is, since when, and how far the stage was then and is now.
    """

    began: float
    waited: bool
    stage: str = ""
    since: float = 0.0
    from_share: float = 0.0
    share: float = 0.0
    at: float = 0.0


class Remaining:
    """Watches trials, and plays what is left of the run: who waits takes the slot that is free first.

    A trial is taken to last as long as the median of those of its row that had the same stages to train, else of those
    of any row, else by the epochs of its stages. A median hardly moves when one trial more has ended, nor does the end
    of the run.

    Args:
        work: trial -> kind of stage, in order -> epochs that are left to train, of the trials that are left.
        rows: trial -> its row.
        clock: seconds.
    """

    def __init__(self, work: Work, rows: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._told: tuple[float, float] | None = None  # when an end was told last, and which
        self._rows: dict[str, str] = {}
        self._kinds: dict[str, _Kind] = {}
        self._waiting: dict[str, None] = {}
        self._running: dict[str, _Running] = {}
        self._took: dict[tuple[str, _Kind], list[float]] = defaultdict(list)
        self._took_in_any: dict[_Kind, list[float]] = defaultdict(list)
        self._paces: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_MOST_PACES))
        self._at_once: deque[int] = deque(maxlen=_STARTS)
        self._expected: list[float] | None = None  # of those that wait, in their order
        self.extend(work, rows)

    def extend(self, work: Work, rows: Mapping[str, str]) -> None:
        """Further trials are to be done."""
        self._kinds |= {trial: tuple(stages.items()) for trial, stages in work.items()}
        self._rows |= rows
        self._waiting |= dict.fromkeys(work)
        self._expected = self._told = None

    def started(self, trial: str) -> None:
        """It runs."""
        self._waiting.pop(trial, None)
        self._running[trial] = _Running(self._clock(), waited=not self._took_in_any)
        self._at_once.append(len(self._running))
        self._expected = None

    def moved(self, trial: str, stage: str, share: float) -> None:
        """It has done a share of a stage."""
        if (running := self._running.get(trial)) is None:
            return
        now = self._clock()
        if stage != running.stage:
            self._keep_pace(trial, running, now, 1.0)
            running.stage, running.since, running.from_share = stage, now, share
        running.share, running.at = share, now

    def ended(self, trial: str, seconds: float | None = None) -> None:
        """It runs no longer.

        Args:
            trial: which, whether it ran or not.
            seconds: that it took by itself; None: it tells nothing of others, as it failed, or was stored.
        """
        self._waiting.pop(trial, None)
        running, self._expected = self._running.pop(trial, None), None
        if running and seconds is not None:
            self._keep_pace(trial, running, running.at, running.share)
            took = self._clock() - running.began
            kind = self._kinds.get(trial, ())
            for known in (self._took[self._rows.get(trial, ""), kind], self._took_in_any[kind]):
                known.append(min(took, seconds) if running.waited else took)

    def share(self, trial: str) -> float:
        """Of its own work that a trial at work has done, by the time that its stages take."""
        running, kind = self._running.get(trial), self._kinds.get(trial, ())
        if running is None or running.stage not in dict(kind):  # it makes up for somebody else's work
            return 0.0
        times = [epochs * self._epoch_s(stage, 1.0) for stage, epochs in kind]
        here = [stage for stage, _ in kind].index(running.stage)
        return (sum(times[:here]) + times[here] * running.share) / (sum(times) or 1.0)

    def seconds_left(self) -> float | None:
        """Until the last trial has ended; None before anything is known of how long one takes."""
        if not any(self._took_in_any) and not any(map(self._is_known, self._running)):
            return None
        slots = max(self._at_once, default=1)
        free = sorted(self._left(trial, running) for trial, running in self._running.items())
        return self._calmed(_played([*[0.0] * (slots - len(free)), *free], self._durations()))

    def _calmed(self, left: float) -> float:
        """The end that was told moves towards the one that is seen now: in small steps, and to it when it is near."""
        now = self._clock()
        told_at, told = self._told or (now, now + left)
        lag = max(min(_LAG * (now - self._began + left), left / 3), _LEAST_LAG_S)
        end = told + (now + left - told) * (1 - math.exp((told_at - now) / lag)) if self._told else told
        self._told = now, end
        return max(end - now, 0.0)

    def _durations(self) -> list[float]:
        """Of the trials that wait."""
        if self._expected is None or not any(self._took_in_any):
            known: dict[tuple[str, _Kind], float] = {}
            self._expected = [self._remembered(trial, known) for trial in self._waiting]
        return self._expected

    def _remembered(self, trial: str, known: dict[tuple[str, _Kind], float]) -> float:
        key = self._rows.get(trial, ""), self._kinds.get(trial, ())
        if key not in known:
            known[key] = self._duration(*key)
        return known[key]

    def _duration(self, row: str, kind: _Kind) -> float:
        """Of a trial of a row with such stages to train."""
        own, any_row = self._took.get((row, kind)), self._took_in_any.get(kind)
        if own and any_row:
            return median(own) if len(own) > 1 else (own[0] + median(any_row)) / 2  # one may be a whim
        if any_row:
            return median(any_row)
        typical = self._typical_epoch_s()
        return sum(epochs * self._epoch_s(stage, typical) for stage, epochs in kind)

    def _keep_pace(self, trial: str, running: _Running, now: float, share: float) -> None:
        """A stage of it is over, or as far as it will be seen."""
        if (pace := self._pace(trial, running, now, share)) is not None:
            self._paces[running.stage].append(pace)

    def _pace(self, trial: str, running: _Running, now: float, share: float) -> float | None:
        """Seconds of an epoch of the stage where a trial is; None if too little of it has been seen."""
        epochs, seen = dict(self._kinds.get(trial, ())).get(running.stage), share - running.from_share
        return (now - running.since) / seen / epochs if epochs and seen > _KNOWN else None

    def _epoch_s(self, stage: str, unknown: float) -> float:
        """Of such a stage, by those that are over, else by those at work."""
        if over := self._paces.get(stage):
            return median(over)
        at_work = [(trial, each) for trial, each in self._running.items() if each.stage == stage]
        paces = [self._pace(trial, each, each.at, each.share) for trial, each in at_work]
        return median([pace for pace in paces if pace is not None] or [unknown])

    def _typical_epoch_s(self) -> float:
        """Of any stage, by trials whose stages were not seen one by one."""
        return median([median(took) / _epochs(kind) for kind, took in self._took_in_any.items() if kind] or [0.0])

    def _is_known(self, trial: str) -> bool:
        """Whether something is known of every stage of a trial at work."""
        kind = self._kinds.get(trial, ())
        return bool(kind) and all(self._epoch_s(stage, 0.0) for stage, _ in kind)

    def _left(self, trial: str, running: _Running) -> float:
        """Of a trial at work: what its duration leaves, or its own pace if it is slower than others were."""
        whole, reported = self._remembered(trial, {}), bool(running.stage)
        by_clock = 0.0 if running.waited and reported else whole - (self._clock() - running.began)
        by_share = whole * (1 - self.share(trial)) if reported else 0.0
        return max(by_clock, by_share, whole * _OVERDUE)


def _epochs(kind: _Kind) -> int:
    return max(sum(epochs for _, epochs in kind), 1)


def _played(free: Sequence[float], durations: Sequence[float]) -> float:
    """When the last trial ends, if slots are free at these times and take the trials in their order."""
    at_first, one_by_one = durations[:-_MOST_PLAYED], durations[-_MOST_PLAYED:]
    heap = [moment + sum(at_first) / len(free) for moment in free]
    heapq.heapify(heap)
    for seconds in one_by_one:
        heapq.heapreplace(heap, heap[0] + seconds)
    return max(heap)
