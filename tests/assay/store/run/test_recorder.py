"""The record of a run is written at most once a second, and at its end whatever that is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.store.run import recorder as module
from assay.store.run.folder import RunFolder, RunRecord, TrialRecord
from assay.store.run.record import line_of
from assay.store.run.recorder import EVERY_S, Recorder

TRIALS = 40


class Clock:
    """Seconds that pass when the test says so, and timers that go off then."""

    def __init__(self) -> None:
        self.now, self.timers = 0.0, list[tuple[float, Callable[[], None]]]()

    def __call__(self) -> float:
        return self.now

    def after(self, seconds: float) -> None:
        self.now += seconds
        due = [ring for when, ring in self.timers if when <= self.now]
        self.timers = [(when, ring) for when, ring in self.timers if when > self.now]
        for ring in due:
            ring()


class _Writes(RunFolder):
    """A run that counts how often run.json is written; a full disk if told so."""

    writes, full = 0, False

    def write_record(self, record: RunRecord, *known: Any) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.writes += 1
        super().write_record(record, *known)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()

    class Timer:
        daemon = False

        def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
            self.seconds, self.ring = seconds, ring

        def start(self) -> None:
            assert self.daemon  # a driver that ends does not wait for it
            made.timers.append((made.now + self.seconds, self.ring))

        def cancel(self) -> None:
            made.timers.clear()

    monkeypatch.setattr(module.threading, "Timer", Timer)
    return made


@pytest.fixture
def run(tmp_path: Path) -> _Writes:
    return _Writes(tmp_path / "run")


def _recorder(run: RunFolder, clock: Clock, trials: int = TRIALS) -> Recorder:
    records = tuple(TrialRecord(f"t{n}", "row", n) for n in range(trials))
    return Recorder(run, RunRecord("ablation", "mine", ("x",), (), records, ("EN",)), clock)


def _states(run: RunFolder) -> list[str]:
    return [trial.status for trial in run.record.trials]


@pytest.mark.parametrize("trials", [20, 200])
def test_the_number_of_writes_follows_the_seconds_and_not_the_changes(run: _Writes, clock: Clock, trials: int) -> None:
    with _recorder(run, clock, trials) as recorder:
        for number in range(trials):
            for status in ("running", "finished"):
                recorder.change(f"t{number}", status=status)
                clock.after(4.0 / (2 * trials))  # all of it in four seconds
    assert run.writes in (5, 6)
    assert set(_states(run)) == {"finished"}


def test_a_change_is_on_disk_a_second_later_though_no_other_follows(run: _Writes, clock: Clock) -> None:
    recorder = _recorder(run, clock)
    recorder.change("t0", status="running")
    recorder.change("t1", status="running")
    assert (run.writes, _states(run).count("running")) == (1, 1)
    clock.after(1.0)
    assert (run.writes, _states(run).count("running")) == (2, 2)
    clock.after(60.0)
    assert run.writes == 2


@pytest.mark.parametrize("how", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_however_a_run_ends_its_last_change_is_written(run: _Writes, clock: Clock, how: type[BaseException]) -> None:
    with pytest.raises(how):
        _interrupted(_recorder(run, clock), how, lambda: None)
    assert (run.record.trials[0].status, run.record.trials[0].reason) == ("failed", "out of memory")
    assert clock.timers == []


def test_a_disk_that_is_full_when_nobody_listens_is_told_of_at_the_next_change(run: _Writes, clock: Clock) -> None:
    recorder = _recorder(run, clock)
    recorder.change("t0", status="running")
    recorder.change("t1", status="running")
    run.full = True
    clock.after(1.0)
    with pytest.raises(OSError, match="No space left"):
        recorder.change("t2", status="running")
    run.full = False
    recorder.write()
    assert _states(run)[:4] == ["running"] * 3 + ["pending"]


def test_what_ended_a_run_is_not_hidden_by_a_full_disk(run: _Writes, clock: Clock) -> None:
    def fill() -> None:
        run.full = True

    with pytest.raises(KeyboardInterrupt):
        _interrupted(_recorder(run, clock), KeyboardInterrupt, fill)


def _interrupted(recorder: Recorder, how: type[BaseException], before: Callable[[], None]) -> None:
    with recorder:
        recorder.change("t0", status="running")
        recorder.change("t0", status="failed", reason="out of memory")
        before()
        raise how


def test_the_other_values_of_a_trial_and_the_other_trials_stay(run: _Writes, clock: Clock) -> None:
    recorder = _recorder(run, clock)
    changed = recorder.change("t3", status="finished", seconds=2.5)
    assert changed == recorder.trial("t3") == TrialRecord("t3", "row", 3, "finished", seconds=2.5)
    assert recorder.record.trials[:3] == tuple(TrialRecord(f"t{n}", "row", n) for n in range(3))
    assert json.loads((run.folder / "run.json").read_text(encoding="utf-8"))["suite"] == "mine"


def test_a_trial_is_encoded_again_only_when_it_has_changed(
    run: _Writes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[str] = []
    monkeypatch.setattr(module, "line_of", lambda trial: (encoded.append(trial.id), line_of(trial))[1])
    with _recorder(run, clock, 4) as recorder:
        for name in ("t1", "t3", "t1"):
            recorder.change(name, status="running", seconds=clock.now)
            assert run.record == recorder.record
            clock.after(2 * EVERY_S)
    assert sorted(encoded) == ["t0", "t1", "t1", "t2", "t3", "t3"]


def test_further_trials_and_values_are_on_disk_at_once_and_known_ones_stay(run: _Writes, clock: Clock) -> None:
    recorder = _recorder(run, clock, 2)
    recorder.change("t0", status="finished")
    recorder.extend([TrialRecord("t0", "row", 0), TrialRecord("t2", "row", 2)], note="more")
    assert run.record.note == "more"
    assert [(trial.id, trial.status) for trial in run.record.trials] == [
        ("t0", "finished"),
        ("t1", "pending"),
        ("t2", "pending"),
    ]


def test_trials_that_will_not_be_begun_are_forgotten(run: _Writes, clock: Clock) -> None:
    with _recorder(run, clock, 4) as recorder:
        for name, status in (("t0", "finished"), ("t1", "running"), ("t2", "failed")):
            recorder.change(name, status=status)
        recorder.drop_unfinished()
    assert [trial.id for trial in run.record.trials] == ["t0", "t2"]
