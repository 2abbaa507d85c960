"""What is redrawn, at the widths that terminals have: no line is broken, and no row pushes another one out."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from assay.console.display import Display
from assay.console.search_display import SearchDisplay
from assay.metric import Metric
from assay.stage import Progress
from assay.store.run.folder import RowRecord, TrialRecord

WIDTHS = (60, 80, 100, 200)
REASON = "RuntimeError: the loss is not finite; " + 30 * "and so on "
TITLES = ("Ours", "w/o intensity and semantic loss", "CAI->INN block", 40 * "融合", "w/o GNN", "e", "f", "g")


def _console(width: int, height: int = 24) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=width, height=height, color_system=None)


def _lines(drawn: RenderableType, width: int) -> list[str]:
    """As a terminal of this width shows it."""
    plain = Console(file=io.StringIO(), width=width, color_system=None)
    plain.print(drawn)
    return plain.file.getvalue().splitlines()  # type: ignore[attr-defined, no-any-return]


def _display(width: int, seeds: int = 8, rows: int = 8, folder: Path | None = None) -> Display:
    """The second row has failed, all others run."""
    names = [f"r{number}" for number in range(rows)]
    records = [RowRecord(name, TITLES[number % len(TITLES)]) for number, name in enumerate(names)]
    trials = [TrialRecord(f"{name}-{seed}", name, seed) for name in names for seed in range(seeds)]
    work = {trial.id: {"stage1": 8, "stage2": 16} for trial in trials}
    display = Display(records, trials, work, _console(width), folder)
    for number, name in enumerate(names):
        trial = TrialRecord(f"{name}-0", name, 0, "running")
        display.changed(trial)
        if number == 1:
            display.changed(replace(trial, status="failed", reason=f"{REASON}\nin two lines"))
        else:
            display.changed(trial, Progress("stage2", 37, 96, 1234.5678 if number else 0.25, 4020.0 + number))
    return display


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("seeds", [8, 24])
def test_every_row_has_one_line_with_all_its_columns(width: int, seeds: int) -> None:
    display = _display(width, seeds)
    display.doing("starting workers")
    head, *rows, below, doing = _lines(display._drawn(), width)
    assert head.split() == ["row", "seeds", "now", "loss", "left"]
    assert len(rows) == 8
    assert all(cell_len(line) <= width for line in (head, *rows, below, doing))
    for title, line in zip(TITLES, rows, strict=True):
        assert line.startswith(title[:2])
        assert "○" in line
        assert ("✗" if title == TITLES[1] else "◐") in line
        if title != TITLES[1]:
            assert "stage II" in line
            assert ("37/96" in line) == (width >= 80)
            assert "39 %" in line or "37/96" in line
            assert line.rstrip().endswith("1 h 07 min")
    assert " 0.250 " in rows[0]
    assert below.endswith("1 of 64 trials, 0 s" if seeds == 8 else "1 of 192 trials, 0 s")
    assert below.startswith("━━╌╌╌╌" if seeds == 8 else "━╌╌╌╌")
    assert doing == "starting workers ... 0 s"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_reason_of_a_row_that_failed_is_cut_to_its_room(width: int) -> None:
    failed = _lines(_display(width)._table(), width)[2]
    assert "✗" in failed
    assert "RuntimeError: the loss" in failed if width > 60 else "RuntimeError" in failed
    assert cell_len(failed) == width
    assert failed.endswith("…")


@pytest.mark.parametrize("width", WIDTHS)
def test_rows_that_do_not_fit_leave_the_line_of_the_whole_run(width: int) -> None:
    display = _display(width, rows=50)
    display.extend((), {}, "look at 6 seeds: " + 20 * "open in no_graph, ")
    display.doing("stopping workers")
    lines = _lines(display._drawn(), width)
    assert len(lines) < display.console.height
    assert "trials" in lines[-3] or "/" in lines[-3]
    assert lines[-2].startswith("look at 6 seeds")
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize("width", WIDTHS)
def test_that_a_trial_failed_stays_in_one_line_with_its_traceback(width: int, tmp_path: Path) -> None:
    (tmp_path / "errors").mkdir()
    (tmp_path / "errors" / "r1-0.txt").write_text("Traceback")
    said = _display(width, folder=tmp_path).console.file.getvalue()  # type: ignore[attr-defined]
    why, where = said.splitlines()
    assert why[9:].startswith("r1 seed 0: failed (RuntimeError: ")
    assert cell_len(why) <= width
    assert where[9:] == f"traceback: {tmp_path}/errors/r1-0.txt"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_search_has_a_line_for_each_trial(width: int) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    display = SearchDisplay([Metric("VIF")], 40, [], console=_console(width))
    for number in range(30):
        display.started(number, {f"parameter{each}": 0.1234 for each in range(9)})
    head, *lines = _lines(display._drawn(), width)
    assert head.split() == ["trial", "sample", "now", "VIF", "left"]
    assert len(lines) + 1 < display.console.height
    assert all(cell_len(line) <= width for line in lines)
    assert all("parameter0=0.123" in line and line.endswith("starts") for line in lines[:-3])
    assert lines[-3] == "... and 12 more"
