"""What is seen while a search goes on: one line per running trial, redrawn in place; plain lines where it cannot be."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.text import Text

from assay.console.amounts import duration
from assay.console.redrawn import Log, Redrawn, unlogged
from assay.console.row_lines import RowLine, cut, row_lines
from assay.console.whole_run import whole_run

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from assay.experiment.trial import Trial
    from assay.metric import Metric
    from assay.stage import Progress

__all__ = ["SearchDisplay"]

_KNOWN = 0.5  # trials; less says nothing about the rest


class SearchDisplay(Redrawn):
    """A listener of the search that shows its trials; a context manager.

    Args:
        objectives: what is searched by.
        samples: how many trials the search may have in all.
        before: trials that had ended before.
        inside: whether a sample is in the ranges that are searched; only then can it be the best.
        console: where to draw; stderr by default.
        folder: of the search, where tracebacks are.
        log: keeps every line that is said.
    """

    def __init__(
        self,
        objectives: Sequence[Metric],
        samples: int,
        before: Sequence[FrozenTrial],
        inside: Callable[[Mapping[str, Any]], bool] = lambda sample: True,
        console: Console | None = None,
        folder: Path | None = None,
        log: Log = unlogged,
    ) -> None:
        self._objectives, self._samples, self._inside = objectives, samples, inside
        self._folder = folder
        self._words: dict[int, str] = {}
        self._running: dict[int, dict[str, tuple[Trial, Progress]]] = {}
        self._values: dict[int, float] = {}
        self._counts = {"finished": 0, "stopped early": 0, "failed": 0, "left": 0}
        self._best: tuple[float, int] | None = None
        for trial in before:
            self._count(trial)
        self._before, self._began = sum(self._counts.values()), time.monotonic()
        self._first: float | None = None  # moment of the first report: Ray has started
        super().__init__(console, log)

    def started(self, number: int, sample: Mapping[str, Any]) -> None:
        """A sample is being tried."""
        self._words[number] = " ".join(f"{name}={_short(value)}" for name, value in sample.items())
        self._running[number] = {}
        self._moved()
        self.news(f"trial {number} {self._words[number]}: running")

    def moved(self, number: int, trial: Trial, progress: Progress) -> None:
        """One of its trials reported."""
        self._first, self._doing = self._first or time.monotonic(), ""
        self._running[number][trial.id] = (trial, progress)
        self._moved()

    def valued(self, number: int, step: int, value: float) -> None:
        """It has a validation value."""
        self._values[number] = value

    def ended(self, trial: FrozenTrial) -> None:
        """It is over."""
        number = trial.number
        self._running.pop(number, None)
        self._values.pop(number, None)
        line = f"trial {number} {self._words.get(number, '')}: {self._count(trial)}"
        self._moved()
        self.news(line, self._traceback(trial), stays=trial.state.name in ("FAIL", "RUNNING"))

    def seconds_left(self) -> float | None:
        """Until the budget is used up, from what this command has done so far; None before that is enough."""
        ended = sum(self._counts.values())
        begun = self._begun()
        done = ended - self._before + begun
        if done < _KNOWN or self._first is None:
            return None
        return (time.monotonic() - self._first) * (self._samples - ended - begun) / done

    def _count(self, trial: FrozenTrial) -> str:
        """Count an ended trial; returns how it ended, in words."""
        reason = str(trial.user_attrs.get("reason", ""))
        if trial.state.name == "COMPLETE":
            self._counts["finished"] += 1
            values = ", ".join(f"{m.name} {v:.4f}" for m, v in zip(self._objectives, trial.values, strict=True))
            return f"{values}{self._rank(trial)}"
        if trial.state.name == "PRUNED":
            self._counts["stopped early"] += 1
            last = trial.intermediate_values.get(trial.last_step, float("nan")) if trial.last_step else float("nan")
            return f"{reason} ({self._objectives[0].name} {last:.4f})"
        if trial.state.name == "RUNNING":
            self._counts["left"] += 1
            return f"left to the same command, given again ({reason})"
        self._counts["failed"] += 1
        return f"failed ({reason})"

    def _rank(self, trial: FrozenTrial) -> str:
        """What else is said of a finished trial's values."""
        if not self._inside(trial.params):
            return ", outside the ranges"
        if len(self._objectives) > 1 or (self._best is not None and not self._better(trial.values[0], self._best[0])):
            return ""
        self._best = (trial.values[0], trial.number)
        return ", the best so far"

    def _better(self, value: float, other: float) -> bool:
        signed = self._objectives[0].signed
        return bool(signed(value) > signed(other))

    def _traceback(self, trial: FrozenTrial) -> Path | None:
        """The file that holds it, of the first of the sample's trainings that has one."""
        if self._folder is None or trial.state.name not in ("FAIL", "RUNNING"):
            return None
        return next(iter(sorted(self._folder.glob(f"errors/trial{trial.number}-*.txt"))), None)

    def _table(self) -> RenderableType:
        value, width = self._objectives[0].name if len(self._objectives) == 1 else "loss", self.console.width
        units = [(number, unit) for number, running in self._running.items() for unit in running or [None]]
        rows = [self._row(number, unit) for number, unit in units[: self.room]]
        lines = [*row_lines(("trial", "sample", "now", value, "left"), rows, width, elastic=1)]
        if len(units) > self.room:
            lines.append(Text(f"... and {len(units) - self.room} more", style="dim"))
        return Group(*lines, *self._below())

    def _row(self, number: int, unit_id: str | None) -> RowLine:
        running, words = self._running[number], Text(self._words[number])
        if unit_id is None:
            return RowLine(Text(str(number)), words, reason="starts")
        unit, progress = running[unit_id]
        name = f"{number} seed {unit.seed}" if len(running) > 1 else str(number)
        value = self._values.get(number)
        told = (progress.loss if len(self._objectives) > 1 else math.nan) if value is None else value
        shown = "" if math.isnan(told) else f"{told:.4f}"
        return RowLine(Text(name), words, progress, shown, duration(seconds_left(unit, progress)))

    def _below(self) -> Iterator[Text]:
        """How far the search is; how its trials ended, and which is the best."""
        done, width = sum(self._counts.values()), self.console.width
        passed = time.monotonic() - self._began
        yield whole_run((done + self._begun()) / self._samples, done, self._samples, passed, self.seconds_left(), width)
        ends = ", ".join(f"{count} {word}" for word, count in self._counts.items() if count) or "none ended yet"
        best = ""
        if self._best:
            best = f"; best {self._objectives[0].name} {self._best[0]:.4f} (trial {self._best[1]})"
        yield cut(Text(f"{ends}{best}", style="dim italic"), width)

    def _begun(self) -> float:
        """Trials that run, each as far as it is."""
        running = [units for units in self._running.values() if units]
        return sum(sum(_share(*each) for each in units.values()) / len(units) for units in running)


def _share(trial: Trial, progress: Progress) -> float:
    """How much of a trial's epochs is done."""
    kinds = [named.stage.kind for named in trial.stages]
    here = kinds.index(progress.stage)
    before = sum(named.epochs for named in trial.stages[:here])
    share = progress.step / progress.steps if progress.steps else 0.0
    return (before + trial.stages[here].epochs * share) / sum(n.epochs for n in trial.stages)


def seconds_left(trial: Trial, progress: Progress) -> float:
    """Of the whole trial if it is not stopped: this stage's rest, and the later stages at the same pace."""
    left = progress.steps - progress.step
    if not left or progress.eta_s <= 0 or not progress.steps:
        return 0.0 if progress.steps else math.nan
    kinds = [named.stage.kind for named in trial.stages]
    here = kinds.index(progress.stage)
    later = sum(named.epochs for named in trial.stages[here + 1 :])
    return progress.eta_s * (1 + later / max(trial.stages[here].epochs, 1) * progress.steps / left)


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.3g}" if isinstance(value, float) else str(value)
