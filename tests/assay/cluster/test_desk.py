"""What Tune says, and what the source hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ray.tune.search import Searcher

from assay.cluster.desk import RETRIES, Desk, SourceSearcher
from assay.experiment.source import Finished


def test_each_suggestion_is_a_trial_until_there_are_no_more(noting: Callable[..., Any]) -> None:
    desk = Desk(noting(2), 9)
    searcher = SourceSearcher(desk)
    assert [searcher.suggest(name)["trial"].seed for name in "ab"] == [0, 1]
    assert searcher.suggest("c") is None  # one of these may have to be tried again
    for name in "ab":
        desk.result(name, {"outcome": "done"})
    assert searcher.suggest("d") == Searcher.FINISHED


def test_a_trial_that_waits_is_not_suggested_before_the_other_has_ended(noting: Callable[..., Any]) -> None:
    desk = Desk(noting(2, after={1: 0}), 9)
    searcher = SourceSearcher(desk)
    assert searcher.suggest("a")["trial"].seed == 0
    assert searcher.suggest("b") is None
    desk.result("a", {"outcome": "done"})
    assert searcher.suggest("b")["trial"].seed == 1


def test_waiting_for_nobody_is_an_error_and_no_endless_loop(noting: Callable[..., Any]) -> None:
    with pytest.raises(RuntimeError, match="waits for another one, but none is running"):
        SourceSearcher(Desk(noting(1, after={0: 7}), 9)).suggest("a")


def test_a_stopped_trial_is_heard_of_no_more(noting: Callable[..., Any]) -> None:
    source = noting(1, stop=[0])
    desk = Desk(source, 9)
    desk.next("a")
    assert desk.stop("a", {"report": {"loss": 1.0}})
    assert not desk.stop("a", {"report": {"loss": 0.5}})
    desk.result("a", {"outcome": "late"})
    desk.lost("a", None)
    assert (source.reports, source.outcomes, source.failures) == ([(0, {"loss": 1.0})], {}, {})


def test_an_end_is_told_once(noting: Callable[..., Any]) -> None:
    """A worker that dies after its last report is started again by Tune, and reports its end again."""
    source = noting(2)
    desk = Desk(source, 9)
    for name in "ab":
        desk.next(name)
    for _ in range(2):
        desk.result("a", {"outcome": "done"})
        desk.result("b", {"failed": "no", "traceback": "lines", "again": False})
    assert (source.outcomes, source.failures) == ({0: "done"}, {1: ("no", "lines")})


def test_no_more_than_so_many_run_at_once(noting: Callable[..., Any]) -> None:
    desk = Desk(noting(3), 2)
    assert [desk.next(name) is not None for name in "abc"] == [True, True, False]
    desk.lost("a", None)
    assert desk.next("d") is not None


def test_a_lost_trial_is_tried_again_before_others(noting: Callable[..., Any]) -> None:
    source = noting(2)
    desk = Desk(source, 1)
    first = desk.next("a")
    desk.lost("a", None)
    desk.lost("a", None)
    assert desk.next("b") == first
    desk.result("b", {"outcome": "done"})
    assert (source.outcomes, source.failures) == ({0: "done"}, {})


def test_a_trial_that_is_lost_again_and_again_fails_with_a_reason_of_one_line(noting: Callable[..., Any]) -> None:
    source = noting(1)
    desk = Desk(source, 1)
    for attempt in range(1 + RETRIES):
        assert source.failures == {}
        desk.next(f"attempt {attempt}")
        desk.lost(f"attempt {attempt}", MemoryError("\nout of memory\nsee below"))
    assert source.failures == {0: ("its worker died again and again (out of memory)", "\nout of memory\nsee below")}
    assert source.again == set()  # it was tried often enough
    assert desk.next("after") is Finished


def test_what_the_source_raises_is_kept(noting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    source = noting(1)
    desk = Desk(source, 1)
    desk.next("a")
    error = ValueError("no room")
    monkeypatch.setattr(source, "finished", lambda trial, outcome: (_ for _ in ()).throw(error))
    with pytest.raises(ValueError, match="no room"):
        desk.result("a", {"outcome": "done"})
    assert desk.error is error
