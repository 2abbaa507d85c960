"""The display: plain lines into a file, one line per row on a terminal."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest
from rich.console import Console

from assay.console.display import Display
from assay.stage import Progress
from assay.store.run.folder import RowRecord, TrialRecord
from tests.counting import calls_of

ROWS = (RowRecord("a", "Row [A]"), RowRecord("b", "Row B"), RowRecord("max", "maximum", baseline=True))
TRIALS = (
    TrialRecord("a-1", "a", 1),
    TrialRecord("a-2", "a", 2),
    TrialRecord("b-1", "b", 1),
    TrialRecord("max", "max", -1),
)
WORK = {"a-1": {"stage1": 2, "stage2": 4}, "a-2": {"stage1": 2, "stage2": 4}, "b-1": {"joint": 6}, "max": {}}


def _display(*, terminal: bool) -> Display:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None, legacy_windows=False)
    return Display(ROWS, TRIALS, WORK, console)


def _text(display: Display) -> str:
    file = display.console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def _news(display: Display) -> None:
    """A trial starts, moves, and ends; another one fails; a third was there."""
    running = replace(TRIALS[0], status="running")
    display.changed(running)
    display.changed(running, Progress("stage1", 1, 4, 2.5, 65.0))
    display.changed(running, Progress("stage1", 2, 4, 2.25, 60.0))
    display.changed(replace(TRIALS[0], status="finished", seconds=61.2))
    display.changed(replace(TRIALS[2], status="failed", reason="loss [nan]"))
    display.changed(replace(TRIALS[3], status="finished"))


def test_without_a_terminal_each_change_of_state_is_a_plain_line() -> None:
    with _display(terminal=False) as display:
        _news(display)
    lines = [line.split(" ", 1)[1] for line in _text(display).splitlines()]
    assert lines == [
        "a seed 1: running",
        "a seed 1: finished in 1 min 01 s",
        "b seed 1: failed (loss [nan])",
        "max: finished, was in the store",
    ]
    assert "\x1b" not in _text(display)


def test_what_a_study_cannot_know_is_left_out() -> None:
    display = _display(terminal=True)
    unknown = Progress("train", 0, 0, math.nan, math.nan)
    display.changed(replace(TRIALS[0], status="running"), unknown)
    display.changed(replace(TRIALS[2], status="running"), replace(unknown, step=7, loss=0.5))
    plain = Console(file=io.StringIO(), width=100, color_system=None)
    plain.print(display._table())
    _, a, b, *_ = plain.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert a.split() == ["Row", "[A]", "◐○", "train"]
    assert b.split() == ["Row", "B", "◐", "train", "step", "7", "0.500"]
    assert display.seconds_left() is None


def test_on_a_terminal_each_row_has_a_line_that_is_redrawn() -> None:
    display = _display(terminal=True)
    display.changed(replace(TRIALS[0], status="running"), Progress("stage2", 3, 4, 2.25, 65.0))
    display.changed(replace(TRIALS[2], status="failed", reason="loss [nan]"))
    display.changed(replace(TRIALS[3], status="finished"))
    plain = Console(file=io.StringIO(), width=100, color_system=None)
    plain.print(display._table())
    head, a, b, free, caption = plain.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert head.split() == ["row", "seeds", "now", "loss", "left"]
    assert a.split() == ["Row", "[A]", "◐○", "stage", "II", 12 * "━" + 4 * "╌", "3/4", "2.250", "1", "min", "05", "s"]
    assert b.split() == ["Row", "B", "✗", "loss", "[nan]"]
    assert free.split() == ["maximum", "●"]
    assert caption.endswith("  2 of 4 trials, 0 s")


def test_the_terminal_is_left_without_a_trace_of_the_table() -> None:
    with _display(terminal=True) as display:
        _news(display)
    text = _text(display)
    assert "Row B" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1  # the cursor comes back
    assert text.rstrip("\n").endswith("\x1b[2K")  # the last thing done is to erase


def test_a_stage_that_was_to_be_shared_counts_as_nothing_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    display = Display(ROWS, TRIALS, {"a-1": {"stage2": 4}}, Console(file=io.StringIO()))
    display.changed(replace(TRIALS[0], status="running"), Progress("stage1", 3, 4, 1.0, 9.0))
    assert display._under_way() == 0
    display.changed(replace(TRIALS[0], status="running"), Progress("stage2", 3, 4, 1.0, 9.0))
    assert display._under_way() == 0.75
    assert display.seconds_left() is None


def test_with_nothing_to_train_there_is_no_estimate() -> None:
    assert Display(ROWS, TRIALS, {}, Console(file=io.StringIO())).seconds_left() is None


def _many(rows: int, seeds: int, height: int = 20) -> Display:
    """Every row's first trial has ended, its second runs."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100, height=height, color_system=None)
    trials = [TrialRecord(f"r{row}-{seed}", f"r{row}", seed) for row in range(rows) for seed in range(seeds)]
    work = {trial.id: {"stage1": 2, "stage2": 4} for trial in trials}
    display = Display([RowRecord(f"r{row}", f"Row {row}") for row in range(rows)], trials, work, console)
    for trial in trials:
        if trial.seed == 0:
            display.changed(replace(trial, status="finished"))
    return display


def _lines(display: Display) -> list[str]:
    plain = Console(file=io.StringIO(), width=100, color_system=None)
    plain.print(display._table())
    return plain.file.getvalue().splitlines()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(("rows", "seeds"), [(25, 8), (25, 80), (200, 10)])
def test_to_draw_takes_as_long_for_many_trials_as_for_few(rows: int, seeds: int) -> None:
    few, many = _many(25, 8), _many(rows, seeds)
    for display in (few, many):
        display._table()  # what is worked out once
    assert calls_of(many._table) < calls_of(few._table) + 5 * (rows - 25) + 50


def test_what_does_not_fit_on_the_terminal_is_counted_and_those_at_work_are_shown() -> None:
    display = _many(rows=40, seeds=2, height=12)
    assert len(_lines(display)) <= 12
    for row in (31, 38):
        progress = Progress("stage2", 1, 4, 1.0, 9.0)
        display.changed(TrialRecord(f"r{row}-1", f"r{row}", 1, "running"), progress)
    _, first, second, others, caption = _lines(display)
    assert (first.split()[:3], second.split()[:3]) == (["Row", "31", "●◐"], ["Row", "38", "●◐"])
    assert others.strip() == "... and 38 rows more"
    assert "  40 of 80 trials" in caption


def test_many_seeds_are_counted_instead_of_marked() -> None:
    display = _many(rows=1, seeds=30)
    display.changed(TrialRecord("r0-1", "r0", 1, "failed", "loss [nan]"))
    assert _lines(display)[1].split() == ["Row", "0", "1●", "1✗", "28○", "loss", "[nan]"]


def test_further_trials_are_shown_with_what_a_look_has_left_open() -> None:
    display, more = _display(terminal=True), TrialRecord("b-2", "b", 2)
    display.extend([more], {"b-2": {"joint": 6}}, "look at 6 seeds: 1 of 2 cells have a word; open in b")
    plain = Console(file=io.StringIO(), width=100, color_system=None)
    plain.print(display._table())
    text = plain.file.getvalue()  # type: ignore[attr-defined]
    assert "○○" in next(line for line in text.splitlines() if "Row B" in line)
    assert "0 of 5 trials" in text
    assert "look at 6 seeds: 1 of 2 cells have a word; open in b" in " ".join(text.split())
    lines = _display(terminal=False)
    lines.extend([more], {}, "look at 6 seeds")
    assert _text(lines).endswith(" look at 6 seeds\n")


def test_what_is_said_stays_above_what_is_redrawn() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    with Display((), (), {}, console) as display:
        display.say("to do: 2 trainings: starting workers")
    assert "to do: 2 trainings: starting workers" in console.file.getvalue()  # type: ignore[attr-defined]
