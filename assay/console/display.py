"""What is seen while a run goes on: one line per row, redrawn in place; plain lines where nothing can be redrawn."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.text import Text

from assay.config.errors import one_line
from assay.console.amounts import duration, loss
from assay.console.redrawn import Log, Redrawn, unlogged
from assay.console.remaining import Remaining, Work
from assay.console.row_lines import RowLine, cut, marks, row_lines
from assay.console.whole_run import whole_run

if TYPE_CHECKING:
    from assay.stage import Progress
    from assay.store.run.folder import RowRecord, TrialRecord

__all__ = ["Display"]

_HEAD = ("row", "seeds", "now", "loss", "left")
_ENDED = ("finished", "failed")


class Display(Redrawn):
    """Shows trials as they change; a context manager.

    To draw it takes as long for thousands of trials as for those rows that fit on the terminal.

    Args:
        rows: in table order.
        trials: of all rows.
        work: trial -> kind of stage, in order -> epochs that are left to train, for the estimate of the end.
        console: where to draw; stderr by default.
        folder: of the run, where the traceback of a failed trial is.
        log: keeps every line that is said, and every change of a trial.
        clock: seconds.
    """

    def __init__(
        self,
        rows: Iterable[RowRecord],
        trials: Iterable[TrialRecord],
        work: Work | None = None,
        console: Console | None = None,
        folder: Path | None = None,
        log: Log = unlogged,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._began = clock, clock()
        self._rows = {row.name: _Row(one_line(row.title)) for row in rows}
        self._folder, self._note_of_run = folder, ""
        self._states: Counter[str] = Counter()
        listed = list(trials)
        self._remaining = Remaining(work or {}, {trial.id: trial.row for trial in listed}, clock)
        for trial in listed:
            self._note(trial)
        super().__init__(console, log)

    def changed(self, trial: TrialRecord, progress: Progress | None = None) -> None:
        """Take note of a trial's new state."""
        before = self._note(trial)
        running = self._rows[trial.row].running
        if progress or trial.status in _ENDED:
            self._doing = ""
        if progress:
            running[trial.id] = progress
            share = min(progress.step / progress.steps, 1.0) if progress.steps else 0.0
            self._remaining.moved(trial.id, progress.stage, share)
        elif trial.status != "running":
            running.pop(trial.id, None)
        self._moved()
        if before != trial.status:
            self._tell(trial)

    def extend(self, trials: Iterable[TrialRecord], work: Work, note: str = "") -> None:
        """Take in further trials, and show a note from now on."""
        listed = list(trials)
        self._remaining.extend(work, {trial.id: trial.row for trial in listed})
        for trial in listed:
            self._note(trial)
        self._note_of_run = note
        self._moved()
        if note and self.redrawn:
            self._log(note)
        elif note:
            self.say(note)

    def seconds_left(self) -> float | None:
        """Until all trials have ended, see `Remaining`; None before anything is known of it."""
        return self._remaining.seconds_left()

    def _note(self, trial: TrialRecord) -> str | None:
        """Count a trial's state; returns the one before."""
        row = self._rows[trial.row]
        before = row.states.get(trial.id)
        if before != trial.status:
            row.states[trial.id] = trial.status
            for counts in (row.counts, self._states):
                counts[trial.status] += 1
                if before:
                    counts[before] -= 1
            self._watch(trial, before)
        if trial.status == "failed" and not row.reason:
            row.reason = one_line(trial.reason)
        return before

    def _watch(self, trial: TrialRecord, before: str | None) -> None:
        if trial.status == "running":
            self._remaining.started(trial.id)
        elif trial.status != "pending" or before == "running":
            self._remaining.ended(trial.id, trial.seconds if trial.status == "finished" else None)

    def _tell(self, trial: TrialRecord) -> None:
        """A line for a new state."""
        name = trial.row + ("" if trial.seed < 0 else f" seed {trial.seed}")
        self.news(f"{name}: {_told(trial)}", self._traceback(trial), stays=trial.status == "failed")

    def _traceback(self, trial: TrialRecord) -> Path | None:
        """The file that holds it, of a trial that has one."""
        file = self._folder / "errors" / f"{trial.id}.txt" if self._folder and trial.status == "failed" else None
        return file if file and file.is_file() else None

    def _table(self) -> RenderableType:
        shown = self._shown()
        lines = [*row_lines(_HEAD, [row.line(self.console.width) for row in shown], self.console.width)]
        if hidden := len(self._rows) - len(shown):
            lines.append(Text(f"... and {hidden} rows more", style="dim"))
        return Group(*lines, *self._below())

    def _below(self) -> Iterator[Text]:
        """How far the whole run is, and what the last look has left open."""
        done, under_way = sum(self._states[state] for state in _ENDED), self._under_way()
        trials = sum(self._states.values())
        passed = self._clock() - self._began
        share = (done + under_way) / max(trials, 1)
        yield whole_run(share, done, trials, passed, self.seconds_left(), self.console.width)
        if self._note_of_run:
            yield cut(Text(self._note_of_run, style="dim italic"), self.console.width)

    def _under_way(self) -> float:
        """Trials that run, each as far as it is."""
        return sum(self._remaining.share(name) for row in self._rows.values() for name in row.running)

    def _shown(self) -> list[_Row]:
        """The rows that fit: all of them, or first those at work."""
        rows = list(self._rows.values())
        room = self.room
        if len(rows) <= room:
            return rows
        at_work = [row for row in rows if row.running][:room]
        return at_work or rows[:room]


@dataclass
class _Row:
    """What is shown of a row.

    Attributes:
        states: trial -> its state.
        counts: state -> number of trials.
        running: trial -> how far it is.
        reason: why its first failed trial failed.
    """

    title: str
    states: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    running: dict[str, Progress] = field(default_factory=dict)
    reason: str = ""

    def line(self, width: int) -> RowLine:
        """As it is drawn, with the first of those that run."""
        now = next(iter(self.running.values()), None)
        about = Text(self.title), marks(self.states.values(), self.counts, width)
        if now is None:
            return RowLine(*about, reason=self.reason)
        return RowLine(*about, now, loss(now.loss), duration(now.eta_s))


def _told(trial: TrialRecord) -> str:
    """A state in words: `finished in 12 s`, `failed (loss is nan)`."""
    took = ""
    if trial.status == "finished":
        took = f" in {duration(trial.seconds)}" if trial.seconds else ", was in the store"
    return f"{trial.status}{took}" + (f" ({one_line(trial.reason)})" if trial.reason else "")
