"""What Tune says, and what the source hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ray.tune.search import Searcher

from smfnet.cluster.desk import Desk, SourceSearcher


def test_each_suggestion_is_a_trial_until_there_are_no_more(noting: Callable[..., Any]) -> None:
    searcher = SourceSearcher(Desk(noting(2)))
    assert [searcher.suggest(name)["trial"].seed for name in "ab"] == [0, 1]
    assert searcher.suggest("c") == Searcher.FINISHED


def test_a_trial_that_waits_is_not_suggested_before_the_other_has_ended(noting: Callable[..., Any]) -> None:
    desk = Desk(noting(2, after={1: 0}))
    searcher = SourceSearcher(desk)
    assert searcher.suggest("a")["trial"].seed == 0
    assert searcher.suggest("b") is None
    desk.result("a", {"outcome": "done"})
    assert searcher.suggest("b")["trial"].seed == 1


def test_waiting_for_nobody_is_an_error_and_no_endless_loop(noting: Callable[..., Any]) -> None:
    with pytest.raises(RuntimeError, match="waits for another one, but none is running"):
        SourceSearcher(Desk(noting(1, after={0: 7}))).suggest("a")


def test_a_stopped_trial_is_heard_of_no_more(noting: Callable[..., Any]) -> None:
    source = noting(1, stop=[0])
    desk = Desk(source)
    desk.next("a")
    assert desk.stop("a", {"report": {"loss": 1.0}})
    assert not desk.stop("a", {"report": {"loss": 0.5}})
    desk.result("a", {"outcome": "late"})
    desk.lost("a", None)
    assert (source.reports, source.outcomes, source.failures) == ([(0, {"loss": 1.0})], {}, {})


def test_an_end_is_told_once(noting: Callable[..., Any]) -> None:
    """A worker that dies after its last report is started again by Tune, and reports its end again."""
    source = noting(2)
    desk = Desk(source)
    for name in "ab":
        desk.next(name)
    for _ in range(2):
        desk.result("a", {"outcome": "done"})
        desk.result("b", {"failed": "no", "traceback": "lines"})
    assert (source.outcomes, source.failures) == ({0: "done"}, {1: ("no", "lines")})


def test_a_lost_worker_has_a_reason_of_one_line(noting: Callable[..., Any]) -> None:
    source = noting(1)
    desk = Desk(source)
    desk.next("a")
    desk.lost("a", MemoryError("\nout of memory\nsee below"))
    assert source.failures == {0: ("its worker died again and again (out of memory)", "\nout of memory\nsee below")}
