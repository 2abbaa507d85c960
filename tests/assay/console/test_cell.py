"""In a notebook a table is drawn in place, and not at every report."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from assay.console.cell import Cell
from assay.console.display import Display
from assay.stage import Progress
from assay.store.run.folder import RowRecord, TrialRecord


class Handle:
    """Stands for IPython's handle of an output."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def display(self, what: Any, display_id: bool) -> Handle:
        assert display_id
        self.update(what)
        return self

    def update(self, what: Any) -> None:
        self.drawn.append(what._repr_mimebundle_(["text/plain"], [])["text/plain"])


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Handle:
    """What is drawn from now on."""
    made = Handle()
    monkeypatch.setattr("IPython.display.display", made.display)
    return made


def test_it_draws_at_once_and_then_after_a_pause(handle: Handle) -> None:
    times = iter((0.0, 0.0, 0.1, 0.2, 0.3, 0.3))
    cell = Cell(lambda: f"look {len(handle.drawn)}", lambda: next(times))
    for _ in range(4):
        cell.draw_soon()
    assert [text.strip() for text in handle.drawn] == ["look 0", "look 1"]


def test_a_run_is_shown_in_it_and_not_in_lines(handle: Handle, capsys: pytest.CaptureFixture[str]) -> None:
    rows, trial = [RowRecord("ours", "Ours")], TrialRecord("ours-seed1", "ours", 1, "running")
    with Display(rows, [trial], {}, Console(stderr=True, force_jupyter=True)) as display:
        display.changed(trial, Progress("fit", 3, 10, 0.5, 7.0))
        display.changed(TrialRecord("ours-seed1", "ours", 1, "finished"))
    assert "3/10" in handle.drawn[0]
    assert "1 of 1 trials" in handle.drawn[-1]
    assert capsys.readouterr().err == ""


def test_a_quiet_run_draws_nothing(handle: Handle) -> None:
    trial = TrialRecord("ours-seed1", "ours", 1, "running")
    with Display([RowRecord("ours", "Ours")], [trial], {}, Console(quiet=True, force_jupyter=True)) as display:
        display.changed(trial)
    assert handle.drawn == []
