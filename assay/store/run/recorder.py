"""The record of a run that goes on, written at most once a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord
from assay.store.run.record import line_of

__all__ = ["EVERY_S", "Recorder"]

EVERY_S = 1.0


class Recorder:
    """Keeps run.json true while trials change; a context manager.

    A change is on disk a second later at the latest, and when the context ends, however it ends. A crash loses that
    second of what is shown of trials, and no result: results are in the store.

    Args:
        run: the folder.
        record: as run.json has it now.
        clock: seconds.
    """

    def __init__(self, run: RunFolder, record: RunRecord, clock: Callable[[], float] = time.monotonic) -> None:
        self.run, self._record, self._clock = run, record, clock
        self._trials = {trial.id: trial for trial in record.trials}
        self._lines: dict[str, str] = {}
        self._lock = threading.RLock()
        self._written, self._changed = clock() - EVERY_S, False
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            if self._timer:
                self._timer.cancel()
        try:
            self.write()
        except OSError:
            if error is None:  # else what ended the run is the news
                raise

    @property
    def record(self) -> RunRecord:
        """As it is now."""
        return replace(self._record, trials=tuple(self._trials.values()))

    def trial(self, trial_id: str) -> TrialRecord:
        """A trial as it is now."""
        return self._trials[trial_id]

    def extend(self, trials: Iterable[TrialRecord], **changes: Any) -> None:
        """Take in further trials, and new values of the run, at once.

        Raises:
            OSError: it cannot be written.
        """
        with self._lock:
            self._trials |= {trial.id: trial for trial in trials if trial.id not in self._trials}
            self._record, self._changed = replace(self._record, **changes), True
            self.write()

    def drop_unfinished(self) -> None:
        """Forget the trials that have not ended, and will not; written with the next change, or at the end."""
        with self._lock:
            ended = {name: trial for name, trial in self._trials.items() if trial.status in ("finished", "failed")}
            self._changed = self._changed or len(ended) < len(self._trials)
            self._trials = ended

    def change(self, trial_id: str, **changes: Any) -> TrialRecord:
        """Give a trial new values; returns it.

        Raises:
            OSError: it is time to write, and that is not possible.
        """
        with self._lock:
            changed = self._trials[trial_id] = replace(self._trials[trial_id], **changes)
            self._lines.pop(trial_id, None)
            self._changed = True
            wait_s = self._written + EVERY_S - self._clock()
            if wait_s <= 0:
                self.write()
            elif self._timer is None:
                self._timer = threading.Timer(wait_s, self._write_late)
                self._timer.daemon = True
                self._timer.start()
        return changed

    def write(self) -> None:
        """Write what has changed, now.

        Raises:
            OSError: that is not possible.
        """
        with self._lock:
            if self._changed:
                self.run.write_record(self.record, self._line)
                self._changed, self._written = False, self._clock()

    def _line(self, part: RowRecord | TrialRecord) -> str:
        """Of a row or trial; most trials are as they were when they were written last."""
        if isinstance(part, RowRecord):
            return line_of(part)
        if part.id not in self._lines:
            self._lines[part.id] = line_of(part)
        return self._lines[part.id]

    def _write_late(self) -> None:
        """The change that comes next, or the end, tries again where this fails, and says why."""
        with self._lock, suppress(OSError):
            self._timer = None
            self.write()
