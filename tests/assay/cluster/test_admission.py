"""Who may start when memory is short."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assay.cluster.admission import TRIES_ALONE, Admission
from tests.assay.cluster.conftest import Clock


def _fill(admission: Admission, clock: Any) -> list[str]:
    """Start as many as may start after a long time, and their names."""
    clock.now += 1e6
    started: list[str] = []
    while admission.is_open():
        started.append(f"{clock.now} {len(started)}")
        admission.started(started[-1])
    return started


def _at_once(admission: Admission, clock: Any) -> int:
    """How many may run now."""
    started = _fill(admission, clock)
    for trial in started:
        admission.lost(trial)
    return len(started)


def test_as_many_as_at_first_run_again_when_trials_come_to_their_end(clock: Any) -> None:
    admission = Admission(4, clock)
    for expected in (4, 4, 2):  # nobody draws back before it happens again
        first, *others = _fill(admission, clock)
        assert 1 + len(others) == expected
        admission.killed(first)
        for trial in others:
            admission.lost(trial)
    assert _at_once(admission, clock) == 1
    seen = []
    for _ in range(1 + 2 + 3 + 4):
        admission.ended()
        seen.append(_at_once(admission, clock))
    assert seen == [2, 2, 3, 3, 3, 4, 4, 4, 4, 4]


def test_pauses_grow_until_a_trial_comes_to_its_end(clock: Any) -> None:
    admission, waited = Admission(1, clock), []
    for number in range(9):
        if number == 8:
            admission.ended()
        admission.started(str(number))
        admission.killed(str(number))
        began = clock.now
        while not admission.is_open():
            clock.now += 1
        waited.append(clock.now - began)
    assert waited == [2, 4, 8, 16, 32, 64, 120, 120, 2]


@given(most=st.integers(1, 20), choices=st.lists(st.tuples(st.booleans(), st.integers(0, 19)), max_size=200))
def test_never_more_than_asked_for_never_none_at_all(most: int, choices: list[tuple[bool, int]]) -> None:
    clock = Clock()
    admission, running = Admission(most, clock), list[str]()
    for killed, which in choices:
        running += _fill(admission, clock)
        assert 1 <= len(running) <= most
        trial = running.pop(which % len(running))
        if killed:
            assert admission.killed(trial)
        else:
            admission.lost(trial)
            admission.ended()


def test_a_trial_is_killed_alone_so_many_times_and_no_more(clock: Any) -> None:
    admission, answers = Admission(2, clock), []
    for _ in range(50):
        clock.now += 1e6
        admission.started("poor")
        answers.append(admission.killed("poor"))
        if answers[-1] is None:
            break
    assert answers.index(None) <= TRIES_ALONE + 2
