"""Where something is redrawn, and what is said where nothing can be."""

from __future__ import annotations

import io
import sys
import threading

import pytest
from rich.console import Console

from assay.console.activity import doing
from assay.console.display import Display
from assay.console.redrawn import stderr_console
from assay.store.run.folder import RowRecord, TrialRecord


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _stderr(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, **environment: str) -> io.StringIO:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM", "COLORTERM", "TTY_INTERACTIVE", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def _shown(stream: io.StringIO) -> str:
    """A trial runs and fails."""
    with Display([RowRecord("a", "Row A")], [TrialRecord("a-1", "a", 1)], {}, stderr_console()) as display:
        display.doing("starting workers")
        display.changed(TrialRecord("a-1", "a", 1, "running"))
        display.changed(TrialRecord("a-1", "a", 1, "failed", "no luck"))
    return stream.getvalue()


def test_in_a_terminal_rows_are_redrawn_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    text = _shown(_stderr(monkeypatch, _Terminal()))
    assert "\x1b[31m✗" in text
    assert "\x1b[2K" in text


def test_no_color_leaves_the_marks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    text = _shown(_stderr(monkeypatch, _Terminal(), NO_COLOR="1"))
    assert "✗" in text
    assert "\x1b[31m" not in text
    assert "\x1b[32m" not in text


@pytest.mark.parametrize(
    ("stream", "environment"),
    [(_Terminal(), {"TERM": "dumb"}), (io.StringIO(), {}), (io.StringIO(), {"FORCE_COLOR": "1"})],
    ids=["dumb terminal", "file", "file with FORCE_COLOR"],
)
def test_where_nothing_can_be_redrawn_everything_is_said_in_lines(
    stream: io.StringIO, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = _shown(_stderr(monkeypatch, stream, **environment)).splitlines()
    assert [line[9:] for line in lines] == ["starting workers", "a seed 1: running", "a seed 1: failed (no luck)"]


class _Overdue(threading.Timer):
    """Does not wait."""

    def start(self) -> None:
        self.function(*self.args)


def test_what_takes_its_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _stderr(monkeypatch, io.StringIO())
    with doing("this takes a moment"):
        assert stream.getvalue() == ""
    monkeypatch.setattr(threading, "Timer", _Overdue)
    with doing("reading data"):
        assert stream.getvalue()[9:] == "reading data\n"
    with doing("reading data", lines=False), doing("and more", shown=False):
        assert len(stream.getvalue().splitlines()) == 1
    terminal = _stderr(monkeypatch, _Terminal())
    with doing("reading data"):
        pass
    assert "reading data ..." in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K")  # it goes away


def test_a_report_of_a_trial_ends_what_was_being_done() -> None:
    kept: list[str] = []
    display = Display(
        [RowRecord("a", "A")], [TrialRecord("a-1", "a", 1)], {}, Console(file=io.StringIO()), log=kept.append
    )
    display.doing("starting workers")
    display.doing("starting workers")
    assert kept == ["starting workers"]
    display.changed(TrialRecord("a-1", "a", 1, "running"))
    assert display._doing
    display.changed(TrialRecord("a-1", "a", 1, "finished", seconds=2.0))
    assert not display._doing
    assert kept[1:] == ["a seed 1: running", "a seed 1: finished in 2 s"]
