"""The terminal while a run goes on: one line per row, redrawn in place; plain lines when it is no terminal."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from assay.store.run import RowRecord, TrialRecord
    from assay.training.loop import Progress

__all__ = ["STAGES", "Display", "Redrawn", "bar", "duration"]

_MARKS = {"finished": ("●", "green"), "running": ("◐", "yellow"), "failed": ("✗", "red"), "pending": ("○", "dim")}
STAGES = {"stage1": "stage I", "stage2": "stage II", "joint": "joint"}
_KNOWN_SHARE = 0.02  # of the work; less says nothing about the rest

Work = Mapping[str, Mapping[str, int]]


class Redrawn:
    """Something that is drawn anew in place while its context lasts; only where there is a terminal.

    To be initialised last: what `_table` reads must be there.

    Args:
        console: where to draw; stderr by default, so that stdout holds the table alone.
    """

    def __init__(self, console: Console | None) -> None:
        self.console = console or Console(stderr=True)
        self._live = Live(console=self.console, refresh_per_second=4, get_renderable=self._table, transient=True)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.console.is_terminal:
            self._live.stop()

    def _table(self) -> RenderableType:
        """What is to be seen now."""
        raise NotImplementedError


class Display(Redrawn):
    """Shows trials as they change; a context manager.

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
        self._titles = {row.name: row.title for row in rows}
        self._trials = {trial.id: trial for trial in trials}
        self._progress: dict[str, Progress] = {}
        self._work: Work = work or {}
        self._began = time.monotonic()
        super().__init__(console)

    def changed(self, trial: TrialRecord, progress: Progress | None = None) -> None:
        """Take note of a trial's new state."""
        before = self._trials.get(trial.id)
        self._trials[trial.id] = trial
        if progress:
            self._progress[trial.id] = progress
        elif trial.status != "running":
            self._progress.pop(trial.id, None)
        if not self.console.is_terminal and (before is None or before.status != trial.status):
            self.console.print(self._line(trial), highlight=False, markup=False, soft_wrap=True)

    def seconds_left(self) -> float | None:
        """Estimate from the epochs that are done; None before there is enough of them."""
        asked = sum(sum(stages.values()) for stages in self._work.values())
        share = sum(self._done(name, stages) for name, stages in self._work.items()) / asked if asked else 0.0
        return (time.monotonic() - self._began) * (1 - share) / share if share > _KNOWN_SHARE else None

    def _done(self, name: str, stages: Mapping[str, int]) -> float:
        """Epochs of its own work that a trial has behind it."""
        if self._trials[name].status in ("finished", "failed"):
            return sum(stages.values())
        now = self._progress.get(name)
        if now is None:
            return 0.0
        kinds = [*stages]
        at = kinds.index(now.stage) if now.stage in kinds else 0  # else it makes up for somebody else's work
        before = sum(stages[kind] for kind in kinds[:at])
        return before + (stages[now.stage] * now.step / now.steps if now.stage in kinds else 0.0)

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
        for name, title in self._titles.items():
            mine = [trial for trial in self._trials.values() if trial.row == name]
            table.add_row(Text(title), self._marks(mine), *map(Text, self._now(mine)))
        return table

    def _marks(self, trials: list[TrialRecord]) -> Text:
        return Text.assemble(*(_MARKS[trial.status] for trial in trials))

    def _now(self, trials: list[TrialRecord]) -> tuple[str, str, str]:
        running = [self._progress[trial.id] for trial in trials if trial.id in self._progress]
        if not running:
            reasons = [trial.reason for trial in trials if trial.status == "failed"]
            return (reasons[0] if reasons else "", "", "")
        now = running[0]
        return (
            f"{STAGES[now.stage]:8} {bar(now.step / now.steps)} {now.step}/{now.steps}",
            f"{now.loss:.3f}",
            duration(now.eta_s),
        )

    def _caption(self) -> str:
        done = sum(trial.status in ("finished", "failed") for trial in self._trials.values())
        text = f"{done} of {len(self._trials)} trials, {duration(time.monotonic() - self._began)}"
        left = self.seconds_left()
        return text if left is None else f"{text}, about {duration(left)} left"


def bar(share: float, width: int = 16) -> str:
    """A share in [0, 1] as a line of `width` characters."""
    full = round(share * width)
    return "━" * full + "╌" * (width - full)


def duration(seconds: float) -> str:
    """`12 s`, `3 min 05 s` or `2 h 10 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
