"""A tracker is told in a process of its own: in order, once, and whatever it does, the run goes on."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assay.track.known import TRACKERS
from assay.track.sender import Sender
from assay.track.tracked import TrackedGroup, TrackedSummary, TrackedTrial

pytestmark = pytest.mark.usefixtures("fakes")


class Senders:
    """Makes them, one after the other, and keeps what they warn of."""

    def __init__(self, group: TrackedGroup) -> None:
        self._group, self.warnings = group, []

    def tell(self, name: str, *told: TrackedTrial | TrackedSummary, patience_s: float = 30.0) -> Sender:
        sender = Sender(name, TRACKERS[name], self._group, self.warnings.append)
        for each in told:
            sender.tell(each.id if isinstance(each, TrackedTrial) else "summary", each)
        sender.close(patience_s)
        return sender


@pytest.fixture
def senders(group: TrackedGroup) -> Senders:
    return Senders(group)


@pytest.fixture
def run(group: TrackedGroup) -> Path:
    return Path(group.place).parent


def test_what_is_told_arrives_digit_for_digit_and_in_order(
    senders: Senders, trial: TrackedTrial, run: Path, told: Callable
) -> None:
    summary = TrackedSummary(metrics={"accuracy/ours": 1 / 3}, tables={"t": {"columns": ["a"], "lines": [[None]]}})
    assert senders.tell("recording", trial, summary).told == 2
    kinds = [kind for kind, _ in told(run)]
    assert kinds == ["open", "trial", "summary", "close"]
    assert TrackedTrial(**told(run)[1][1]) == trial
    assert TrackedSummary(**told(run)[2][1]) == summary
    assert told(run)[0][1] == {"key": "0123456789abcdef", "setting": "of the tracker"}
    assert "a package prints this" in (run / "track" / "recording.log").read_text()
    assert senders.warnings == []


def test_nothing_is_told_twice_and_what_changed_is_told_again(
    senders: Senders, trial: TrackedTrial, run: Path, told: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    senders.tell("recording", trial, trial)
    assert senders.tell("recording", trial).told == 0
    assert [kind for kind, _ in told(run)] == ["open", "trial", "close"]
    senders.tell("recording", replace(trial, state="failed"))
    assert [content["state"] for kind, content in told(run) if kind == "trial"] == ["finished", "failed"]
    monkeypatch.setenv("FAKE_SERVER", "elsewhere")
    assert senders.tell("recording", trial).told == 1


def test_a_ledger_that_is_damaged_only_has_things_told_again(senders: Senders, trial: TrackedTrial, run: Path) -> None:
    senders.tell("recording", trial)
    path = run / "track" / "recording.told"
    (line,) = path.read_text().splitlines()
    path.write_text(f"{line}\n[1, 2\n\x00\n3\n")
    assert senders.tell("recording", trial).told == 0
    path.write_text(line[:-4])
    assert senders.tell("recording", trial).told == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("raising", "RuntimeError: no door opens at https://***@example.org/x"),
        ("closed", "SystemExit: not logged in"),
        ("dying", "its process has ended; what it printed is in "),
    ],
)
def test_a_tracker_that_fails_is_told_of_once_and_the_rest_is_left(
    senders: Senders, trial: TrackedTrial, run: Path, name: str, reason: str
) -> None:
    sender = senders.tell(name, *(replace(trial, id=f"trial{number}") for number in range(5)))
    assert sender.told == 0
    (line,) = senders.warnings
    assert line.startswith(f"track: {name} was not told everything, the run goes on, and the same command tells it")
    assert reason in line
    assert not (run / "track" / f"{name}.told").exists()


def test_what_failed_is_told_by_the_next_command(
    senders: Senders, trial: TrackedTrial, run: Path, told: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TRACKERS, "recording", "fake_trackers:Raising")
    senders.tell("recording", trial)
    monkeypatch.setitem(TRACKERS, "recording", "fake_trackers:Recording")
    assert senders.tell("recording", trial).told == 1
    assert [kind for kind, _ in told(run)] == ["open", "trial", "close"]


def test_a_tracker_that_hangs_is_ended_and_not_begun_again(
    senders: Senders, trial: TrackedTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []

    class Kept(subprocess.Popen):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Kept)
    sender = senders.tell("hanging", *(replace(trial, id=f"trial{number}") for number in range(3)), patience_s=0.5)
    assert sender.told == 0
    (line,) = senders.warnings
    assert line.endswith("it does not answer within 0.5 seconds")
    assert sender._thread is not None
    sender._thread.join(5)
    assert not sender._thread.is_alive()
    (process,) = started
    assert process.wait(30) == -signal.SIGKILL


def test_nobody_is_started_for_nothing(senders: Senders, run: Path) -> None:
    assert senders.tell("raising").told == 0
    assert list((run / "track").iterdir()) == []
    assert senders.warnings == []
