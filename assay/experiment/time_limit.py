"""A wall-clock time in which a run ends: which trials may still start, and when those at work are stopped."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from statistics import fmean

from assay.experiment.trial import Trial

__all__ = ["TimeLimit", "reserve_s"]

_RESERVE = 0.03  # of the time, for the table and to put things away
_LEAST_RESERVE_S, _MOST_RESERVE = 8.0, 0.25
_SLOWER = 1.1  # than the last one of its row
_RECENT = 8  # trials that tell of a row that is not known; the first ones of a run wait for their worker to start


class TimeLimit:
    """Hands out no trial that cannot end in time, going by how long trials took so far.

    Args:
        within_s: seconds, from `began` on.
        trial_s: what a trial takes, before one has ended.
        began: by the clock; now if None.
        clock: seconds.
        afterwards: how many trials' time has to be left when the last one has ended.

    Attributes:
        closed: whether no further trial starts.
    """

    def __init__(
        self,
        within_s: float,
        trial_s: float = 0.0,
        began: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        afterwards: int = 0,
    ) -> None:
        self.within_s, self._trial_s, self._clock, self._afterwards = within_s, trial_s, clock, afterwards
        self._end = (clock() if began is None else began) + within_s
        self._reserve_s = reserve_s(within_s)
        self._started: dict[str, float] = {}
        self._last: dict[str, float] = {}  # row -> seconds of its last trial
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self.closed = False

    @property
    def left_s(self) -> float:
        """For trials; negative when time is up."""
        return self._end - self._reserve_s - self._clock()

    def allows(self, trial: Trial | None = None) -> bool:
        """Whether a trial, or any, may start; after the first that may not, none may."""
        self.closed = self.closed or self._expected_s(trial.row if trial else "") > self.left_s
        return not self.closed

    def started(self, trial: Trial) -> None:
        """It runs."""
        self._started[trial.id] = self._clock()

    def ended(self, trial: Trial) -> None:
        """It came to its end."""
        if trial.id in self._started:
            self._last[trial.row] = took = self._clock() - self._started.pop(trial.id)
            self._recent.append(took)

    def is_up(self) -> bool:
        """Whether trials at work have to stop."""
        self.closed = self.closed or self.left_s <= 0
        return self._clock() >= self._end - self._reserve_s / 2

    def _expected_s(self, row: str) -> float:
        """Of a trial, and of what comes after the last one."""
        if not self._recent:
            return self._trial_s * (1 + self._afterwards)
        return _SLOWER * (self._last.get(row, max(self._recent)) + self._afterwards * fmean(self._recent))


def reserve_s(within_s: float) -> float:
    """Seconds at the end of a time that are not for trials."""
    return min(max(_RESERVE * within_s, _LEAST_RESERVE_S), _MOST_RESERVE * within_s)
