"""What is seen while a run goes on: one line per row, redrawn in place; plain lines where nothing can be redrawn."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from assay.console.cell import Cell

if TYPE_CHECKING:
    from assay.stage import Progress
    from assay.store.run import RowRecord, TrialRecord

__all__ = ["Display", "Redrawn", "bar", "duration", "place"]

_MARKS = {"finished": ("●", "green"), "running": ("◐", "yellow"), "failed": ("✗", "red"), "pending": ("○", "dim")}
_STAGES = {"stage1": "stage I", "stage2": "stage II", "joint": "joint"}
_ENDED = ("finished", "failed")
_MOST_MARKS = 20
_KNOWN_SHARE = 0.02  # of the work; less says nothing about the rest

Work = Mapping[str, Mapping[str, int]]


class Redrawn:
    """Something that is drawn anew in place while its context lasts, in a terminal or under the cell of a notebook.

    To be initialised last: what `_table` reads must be there.

    Args:
        console: where to draw; stderr by default, so that stdout holds the table alone.
    """

    def __init__(self, console: Console | None) -> None:
        self.console = console or Console(stderr=True)
        self._live = Live(console=self.console, refresh_per_second=4, get_renderable=self._table, transient=True)
        self._cell = Cell(self._table) if self.console.is_jupyter and not self.console.quiet else None

    @property
    def redrawn(self) -> bool:
        """Whether there is a place where it can be; if not, whoever wants to know is told in lines."""
        return self.console.is_terminal or self._cell is not None

    @property
    def room(self) -> int:
        """Lines of the terminal for rows of the table: without head, caption, and a line for those left out."""
        return max(self.console.height - 4, 1)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.console.is_terminal:
            self._live.stop()
        if self._cell:
            self._cell.draw()

    def _moved(self) -> None:
        """To be called when there is something new: a notebook's cell draws then, a terminal by itself."""
        if self._cell:
            self._cell.draw_soon()

    def _table(self) -> RenderableType:
        """What is to be seen now."""
        raise NotImplementedError


class Display(Redrawn):
    """Shows trials as they change; a context manager.

    To draw it takes as long for thousands of trials as for those rows that fit on the terminal.

    Args:
        rows: in table order.
        trials: of all rows.
        work: trial -> kind of stage, in order -> epochs that are left to train, for the estimate of the end.
        console: where to draw; stderr by default.
    """

    def __init__(
        self,
        rows: Iterable[RowRecord],
        trials: Iterable[TrialRecord],
        work: Work | None = None,
        console: Console | None = None,
    ) -> None:
        self._rows = {row.name: _Row(row.title) for row in rows}
        self._work: Work = work or {}
        self._asked = sum(sum(stages.values()) for stages in self._work.values())
        self._note_of_run = ""
        self._behind = 0  # epochs of trials that have ended
        self._states: Counter[str] = Counter()
        for trial in trials:
            self._note(trial)
        self._began = time.monotonic()
        super().__init__(console)

    def changed(self, trial: TrialRecord, progress: Progress | None = None) -> None:
        """Take note of a trial's new state."""
        before = self._note(trial)
        running = self._rows[trial.row].running
        if progress:
            running[trial.id] = progress
        elif trial.status != "running":
            running.pop(trial.id, None)
        self._moved()
        if not self.redrawn and before != trial.status:
            self.console.print(self._line(trial), highlight=False, markup=False, soft_wrap=True)

    def extend(self, trials: Iterable[TrialRecord], work: Work, note: str = "") -> None:
        """Take in further trials, and show a note from now on."""
        self._work = {**self._work, **work}
        self._asked += sum(sum(stages.values()) for stages in work.values())
        for trial in trials:
            self._note(trial)
        self._note_of_run = note
        self._moved()
        if note and not self.redrawn:
            self.say(note)

    def say(self, text: str) -> None:
        """A line that stays, above what is redrawn; a notebook's cell shows what goes on and nothing else."""
        if self._cell:
            return
        self.console.print(f"{time.strftime('%H:%M:%S')} {text}", highlight=False, markup=False, soft_wrap=True)

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
            ended = (trial.status in _ENDED) - (before in _ENDED)
            self._behind += ended * sum(self._work.get(trial.id, {}).values())
        if trial.status == "failed" and not row.reason:
            row.reason = trial.reason
        return before

    def seconds_left(self) -> float | None:
        """Estimate from the epochs that are done; None before there is enough of them."""
        under_way = sum(self._done(name, now) for row in self._rows.values() for name, now in row.running.items())
        share = (self._behind + under_way) / self._asked if self._asked else 0.0
        return (time.monotonic() - self._began) * (1 - share) / share if share > _KNOWN_SHARE else None

    def _done(self, name: str, now: Progress) -> float:
        """Epochs of its own work that a running trial has behind it."""
        stages = self._work.get(name, {})
        kinds = [*stages]
        at = kinds.index(now.stage) if now.stage in kinds else 0  # else it makes up for somebody else's work
        before = sum(stages[kind] for kind in kinds[:at])
        return before + (stages[now.stage] * now.step / now.steps if now.stage in kinds and now.steps else 0.0)

    def _line(self, trial: TrialRecord) -> str:
        seed = "" if trial.seed < 0 else f" seed {trial.seed}"
        text = f"{time.strftime('%H:%M:%S')} {trial.row}{seed}: {trial.status}"
        if trial.status == "finished" and trial.seconds:
            text += f" in {duration(trial.seconds)}"
        elif trial.status == "finished":
            text += ", was in the store"
        return f"{text} ({trial.reason})" if trial.reason else text

    def _table(self) -> RenderableType:
        table = Table(box=None, pad_edge=False, caption=self._caption(), caption_justify="left")
        for name in ("row", "seeds", "now", "loss", "left"):
            table.add_column(name, no_wrap=True, justify="right" if name in ("loss", "left") else "left")
        shown = self._shown()
        for row in shown:
            table.add_row(Text(row.title), row.marks(), *map(Text, row.now()))
        if hidden := len(self._rows) - len(shown):
            table.add_row(Text(f"... and {hidden} rows more", style="dim"))
        return table

    def _shown(self) -> list[_Row]:
        """The rows that fit: all of them, or first those at work."""
        rows = list(self._rows.values())
        room = self.room
        if len(rows) <= room:
            return rows
        at_work = [row for row in rows if row.running][:room]
        return at_work or rows[:room]

    def _caption(self) -> str:
        done = sum(self._states[state] for state in _ENDED)
        text = f"{done} of {sum(self._states.values())} trials, {duration(time.monotonic() - self._began)}"
        left = self.seconds_left()
        text = text if left is None else f"{text}, about {duration(left)} left"
        return f"{text}\n{self._note_of_run}" if self._note_of_run else text


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

    def marks(self) -> Text:
        """A mark for every seed, or how many there are of each."""
        if len(self.states) <= _MOST_MARKS:
            return Text.assemble(*(_MARKS[state] for state in self.states.values()))
        counted = ((f"{self.counts[state]}{mark} ", style) for state, (mark, style) in _MARKS.items())
        return Text.assemble(*(part for part in counted if not part[0].startswith("0")))

    def now(self) -> tuple[str, str, str]:
        """Progress, loss and time left of one that runs."""
        for now in self.running.values():
            return place(now), f"{now.loss:.3f}" if math.isfinite(now.loss) else "", duration(now.eta_s)
        return self.reason, "", ""


def place(now: Progress) -> str:
    """The stage, and how far it is where that is known."""
    name = f"{_STAGES.get(now.stage, now.stage):8}"
    if not now.steps:
        return f"{name} step {now.step}" if now.step else name.rstrip()
    return f"{name} {bar(min(now.step / now.steps, 1.0))} {now.step}/{now.steps}"


def bar(share: float, width: int = 16) -> str:
    """A share in [0, 1] as a line of `width` characters."""
    full = round(share * width)
    return "━" * full + "╌" * (width - full)


def duration(seconds: float) -> str:
    """`12 s`, `3 min 05 s` or `2 h 10 min`; nothing if it is unknown (nan)."""
    if math.isnan(seconds):
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
