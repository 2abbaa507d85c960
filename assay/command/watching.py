"""What is done while a command runs: its progress is passed on, and its checkpoints are kept."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from pathlib import Path

from assay.command.progress import Tail, Told
from assay.stage import Progress, Stage, StageJob

__all__ = ["Watch"]

_MOST_LINES = 1000  # of the curve that is kept
_SHARE = 20  # keeping checkpoints takes at most one part in so many of the time
_SHORTEST_PAUSE_S = 1.0


class Watch:
    """Looks at the output of a command whenever it is called.

    Args:
        stage: that is trained.
        job: who wants to know.
        output: folder of the command.
        progress: file to which it appends, or None.
        metrics: names that a line of it may have.
        epochs: whether the stage's epochs are the steps of that file.
        checkpoint: file that it replaces as it goes, or None.
    """

    def __init__(
        self,
        stage: Stage,
        job: StageJob,
        output: Path,
        progress: str | None,
        metrics: tuple[str, ...],
        *,
        epochs: bool,
        checkpoint: str | None,
    ) -> None:
        self._stage, self._job, self._epochs, self._metrics = stage, job, epochs, metrics
        self._tail = Tail(output / progress, metrics) if progress else None
        self._checkpoint = output / checkpoint if checkpoint else None
        self._seen: tuple[int, ...] = ()
        self._kept: tuple[int, ...] = ()
        self._next, self._began, self._first = 0.0, time.monotonic(), 0
        self._last = Told(0, stage.last_epoch if epochs else 0, math.nan, {})
        self.reports = 0
        self.lines: list[Told] = []
        self._report(self._last)

    def __call__(self) -> None:
        """Look."""
        for told in self._tail.new() if self._tail else ():
            self._first = self._first or told.step
            self.lines.append(told)
            self._report(told)
            self._show(told)
        self._keep_checkpoint()

    def end(self) -> None:
        """Look for the last time: the command has ended well."""
        self.__call__()
        self._report(self._last)

    @property
    def log(self) -> tuple[tuple[int, Mapping[str, tuple[float, float]]], ...]:
        """Step and loss, thinned out."""
        known = {each.step: each.loss for each in self.lines if math.isfinite(each.loss)}
        every = -(-len(known) // _MOST_LINES) or 1
        return tuple((step, {"loss": (1.0, loss)}) for step, loss in sorted(known.items())[::every])

    def _report(self, told: Told) -> None:
        self._last, self.reports = told, self.reports + 1
        steps = told.steps or (self._stage.last_epoch if self._epochs else 0)
        done = told.step - self._first + 1 if self._first else 0
        pace = (time.monotonic() - self._began) / done if done > 0 else math.nan
        eta_s = pace * max(steps - told.step, 0) if steps else math.nan
        self._job.report(Progress(self._stage.kind, told.step, steps, told.loss, eta_s))

    def _show(self, told: Told) -> None:
        """Validation values before the end, where a search looks at them; the end has a file of its own."""
        whole = all(name in told.metrics for name in self._metrics)
        if self._job.after_epoch and self._epochs and whole and 0 < told.step < self._stage.last_epoch:
            self._job.after_epoch(told.step, told.metrics)

    def _keep_checkpoint(self) -> None:
        """Keep a new checkpoint that has been left alone between two looks, so that it is no half of one."""
        if self._checkpoint is None:
            return
        now = _signature(self._checkpoint)
        if now != self._seen or now in ((), self._kept) or time.monotonic() < self._next:
            self._seen = now
            return
        began = time.monotonic()
        try:
            data = self._checkpoint.read_bytes()
        except OSError:
            return
        if _signature(self._checkpoint) == now:
            self._job.save(data)
            self._kept, took = now, time.monotonic() - began
            self._next = time.monotonic() + max(_SHORTEST_PAUSE_S, _SHARE * took)


def _signature(path: Path) -> tuple[int, ...]:
    """Equal for a file that nobody has touched; empty if there is none, or it is empty."""
    try:
        about = os.stat(path)
    except OSError:
        return ()
    return (about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns) if about.st_size else ()
