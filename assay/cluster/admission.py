"""How many trials run at once, and when the next may start, where workers are killed for lack of memory."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

__all__ = ["TRIES_ALONE", "Admission"]

TRIES_ALONE = 8  # of a trial whose worker is killed for lack of memory although no other one runs
_PAUSE_S = 2.0  # doubled each time that no trial came to its end in between
_LONGEST_PAUSE_S = 120.0


class Admission:
    """Lets trials start; after one was killed for lack of memory not at once, and when it happens again fewer of them.

    From the second time on half as many run at once; one more again when as many as run at once came to their end.

    Args:
        most: trials at once, as long as memory suffices.
        clock: seconds.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = self._at_once = most
        self._clock, self._not_before = clock, -float("inf")
        self._alone: dict[str, bool] = {}  # running trial -> whether it started without company
        self._killed_alone: Counter[str] = Counter()
        self._occasions = self._in_vain = 0  # on which some were killed: all, and those since a trial came to its end
        self._well = 0  # trials that came to their end since the last occasion

    def is_open(self) -> bool:
        """Whether one more may start now."""
        return len(self._alone) < self._at_once and self._clock() >= self._not_before

    def started(self, trial: str) -> None:
        """It runs."""
        self._alone[trial] = self._at_once == 1

    def lost(self, trial: str) -> None:
        """It runs no longer, whatever the reason."""
        self._alone.pop(trial, None)

    def ended(self) -> None:
        """One came to its end: there was memory enough for it."""
        self._in_vain, self._well = 0, self._well + 1
        if self._well >= self._at_once < self._most:
            self._at_once, self._well = self._at_once + 1, 0

    def killed(self, trial: str) -> str | None:
        """Its worker was killed for lack of memory.

        Returns:
            What happens now, as the end of a sentence; None if it was tried often enough.
        """
        together = len(self._alone)
        if self._alone.pop(trial, False):
            self._killed_alone[trial] += 1
        fewer = self._draw_back(together) if self._clock() >= self._not_before else ""  # else on the same occasion
        if self._killed_alone[trial] >= TRIES_ALONE:
            return None
        return f"it is tried again in {self._not_before - self._clock():.0f} s{fewer}"

    def _draw_back(self, together: int) -> str:
        """Start none for a while, and from the second occasion on fewer than ran together."""
        self._not_before = self._clock() + min(_PAUSE_S * 2**self._in_vain, _LONGEST_PAUSE_S)
        self._occasions, self._in_vain, self._well = self._occasions + 1, self._in_vain + 1, 0
        fewer = max(1, together // 2)
        if self._occasions == 1 or fewer >= self._at_once:
            return ""
        self._at_once = fewer
        return f", {together} trials at once are now {fewer}"
