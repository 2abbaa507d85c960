"""Trials that cannot end in time are not begun."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from assay.experiment.time_limit import TimeLimit, reserve_s


@dataclass(frozen=True)
class Unit:
    """What a limit looks at of a trial."""

    row: str
    seed: int

    @property
    def id(self) -> str:
        return f"{self.row}-seed{self.seed}"


class Clock:
    """Seconds, as they are set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _took(limit: TimeLimit, clock: Clock, unit: Unit, seconds: float) -> None:
    limit.started(unit)  # type: ignore[arg-type]
    clock.now += seconds
    limit.ended(unit)  # type: ignore[arg-type]


def test_a_trial_starts_only_if_the_last_of_its_row_would_have_ended_in_time(clock: Clock) -> None:
    limit = TimeLimit(300, clock=clock)
    for row, seconds in (("ours", 90), ("ours", 20), ("wide", 60)):  # the first one's worker had to start
        _took(limit, clock, Unit(row, 0), seconds)
    clock.now = 1000 + 300 - 9 - 40
    assert limit.allows(Unit("ours", 1))  # type: ignore[arg-type]
    assert not limit.allows(Unit("wide", 1))  # type: ignore[arg-type]
    assert not limit.allows(Unit("ours", 1))  # type: ignore[arg-type]
    assert limit.closed


def test_before_any_has_ended_the_estimate_decides_and_without_one_the_time_that_is_left(clock: Clock) -> None:
    assert TimeLimit(300, 250, clock=clock).allows(Unit("ours", 0))  # type: ignore[arg-type]
    assert not TimeLimit(300, 295, clock=clock).allows(Unit("ours", 0))  # type: ignore[arg-type]
    unknown = TimeLimit(300, clock=clock)
    clock.now += 290
    assert unknown.allows(Unit("ours", 0))  # type: ignore[arg-type]
    clock.now += 2
    assert not unknown.allows(Unit("ours", 0))  # type: ignore[arg-type]


def test_an_unknown_row_is_taken_for_as_slow_as_the_slowest_of_late(clock: Clock) -> None:
    limit = TimeLimit(300, clock=clock)
    _took(limit, clock, Unit("ours", 0), 100)
    clock.now = 1000 + 200
    assert not limit.allows(Unit("wide", 0))  # type: ignore[arg-type]


def test_those_at_work_are_stopped_shortly_before_the_end(clock: Clock) -> None:
    limit = TimeLimit(300, began=900, clock=clock)
    clock.now = 900 + 300 - 9
    assert not limit.is_up()
    clock.now = 900 + 300 - 4
    assert limit.is_up()
    assert limit.closed


def test_the_end_of_a_time_is_for_the_table() -> None:
    assert [reserve_s(seconds) for seconds in (20, 300, 3600)] == [5, 9, 108]
