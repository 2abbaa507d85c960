"""What Tune says, and what the source hears of it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ray.tune.schedulers import FIFOScheduler
from ray.tune.search import Searcher

from assay.cluster.admission import TRIES_ALONE
from assay.cluster.deaths import KilledForMemory
from assay.cluster.desk import RETRIES, Callback, Desk, InOrder, SourceSearcher
from assay.experiment.source import Finished

_FULL = KilledForMemory(
    "1 worker(s) were killed. Memory on the node (IP: 10.0.0.7, ID: a1) was 22.4GB used / 23.5GB limit (0.95)"
)


def test_each_suggestion_is_a_trial_until_there_are_no_more(noting: Callable[..., Any]) -> None:
    desk = Desk(noting(2), 9, print)
    searcher = SourceSearcher(desk)
    assert [searcher.suggest(name)["trial"].seed for name in "ab"] == [0, 1]
    assert searcher.suggest("c") is None  # one of these may have to be tried again
    for name in "ab":
        desk.result(name, {"outcome": "done"})
    assert searcher.suggest("d") == Searcher.FINISHED


def test_a_trial_that_waits_is_not_suggested_before_the_other_has_ended(noting: Callable[..., Any]) -> None:
    desk = Desk(noting(2, after={1: 0}), 9, print)
    searcher = SourceSearcher(desk)
    assert searcher.suggest("a")["trial"].seed == 0
    assert searcher.suggest("b") is None
    desk.result("a", {"outcome": "done"})
    assert searcher.suggest("b")["trial"].seed == 1


def test_waiting_for_nobody_is_an_error_and_no_endless_loop(noting: Callable[..., Any]) -> None:
    with pytest.raises(RuntimeError, match="waits for another one, but none is running"):
        SourceSearcher(Desk(noting(1, after={0: 7}), 9, print)).suggest("a")


def test_a_stopped_trial_is_heard_of_no_more(noting: Callable[..., Any]) -> None:
    source = noting(1, stop=[0])
    desk = Desk(source, 9, print)
    desk.next("a")
    assert desk.stop("a", {"report": {"loss": 1.0}})
    assert not desk.stop("a", {"report": {"loss": 0.5}})
    desk.result("a", {"outcome": "late"})
    desk.lost("a", None)
    assert (source.reports, source.outcomes, source.failures) == ([(0, {"loss": 1.0})], {}, {})


def test_an_end_is_told_once(noting: Callable[..., Any]) -> None:
    """A worker that dies after its last report is started again by Tune, and reports its end again."""
    source = noting(2)
    desk = Desk(source, 9, print)
    for name in "ab":
        desk.next(name)
    for _ in range(2):
        desk.result("a", {"outcome": "done"})
        desk.result("b", {"failed": "no", "traceback": "lines", "again": False})
    assert (source.outcomes, source.failures) == ({0: "done"}, {1: ("no", "lines")})


def test_no_more_than_so_many_run_at_once(noting: Callable[..., Any]) -> None:
    desk = Desk(noting(3), 2, print)
    assert [desk.next(name) is not None for name in "abc"] == [True, True, False]
    desk.lost("a", None)
    assert desk.next("d") is not None


def test_a_lost_trial_is_tried_again_before_others(noting: Callable[..., Any]) -> None:
    source = noting(2)
    desk = Desk(source, 1, print)
    first = desk.next("a")
    desk.lost("a", None)
    desk.lost("a", None)
    assert desk.next("b") == first
    desk.result("b", {"outcome": "done"})
    assert (source.outcomes, source.failures) == ({0: "done"}, {})


def test_a_trial_that_is_lost_again_and_again_fails_with_a_reason_of_one_line(noting: Callable[..., Any]) -> None:
    source = noting(1)
    desk = Desk(source, 1, print)
    for attempt in range(1 + RETRIES):
        assert source.failures == {}
        desk.next(f"attempt {attempt}")
        desk.lost(f"attempt {attempt}", MemoryError("\n\x1b[36mout of\x1b[39m memory\nsee below"))
    assert source.failures == {
        0: ("its worker died 4 times: out of memory", "\n\x1b[36mout of\x1b[39m memory\nsee below")
    }
    assert source.again == set()  # it was tried often enough
    assert desk.next("after") is Finished


def test_what_a_trial_printed_is_told_before_its_end_and_not_kept_by_tune(noting: Callable[..., Any]) -> None:
    source = noting(2)
    desk = Desk(source, 2, print)
    results: list[dict[str, Any]] = [
        {"outcome": "done", "printed": "one"},
        {"failed": "no", "traceback": "", "again": 0},
    ]
    for name, result in zip("ab", results, strict=True):
        desk.next(name)
        desk.result(name, result)
    assert source.told == {0: "one"}
    assert "printed" not in results[0]


def test_the_last_words_of_a_worker_are_the_reason_where_it_had_any(noting: Callable[..., Any]) -> None:
    words = 'os._exit(3) was called\nStack (most recent call first):\n  File "/my/study.py", line 7 in evaluate\n'
    source = noting(1)
    desk = Desk(source, 1, print, printed=lambda trial_id: f"{trial_id}\n{words}")
    for attempt in range(1 + RETRIES):
        desk.next(str(attempt))
        desk.lost(str(attempt), RuntimeError("the actor died"))
    assert source.failures == {0: ("its worker died 4 times: os._exit(3) (study.py, line 7)", "the actor died")}
    assert source.told == {0: f"t0\n{words}"}


def test_what_the_source_raises_is_kept(noting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    source = noting(1)
    desk = Desk(source, 1, print)
    desk.next("a")
    error = ValueError("no room")
    monkeypatch.setattr(source, "finished", lambda trial, outcome: (_ for _ in ()).throw(error))
    with pytest.raises(ValueError, match="no room"):
        desk.result("a", {"outcome": "done"})
    assert desk.error is error


class _TuneTrial:
    """A trial as Tune has it, that counts how often it is looked at."""

    def __init__(self, trial_id: str) -> None:
        self.trial_id, self.status, self.looks = trial_id, "PENDING", 0

    def is_finished(self) -> bool:
        self.looks += 1
        return self.status in ("TERMINATED", "ERROR")

    pickled_error_file = None

    def get_error(self) -> BaseException | None:
        return RuntimeError("the worker died")


@pytest.mark.parametrize("trials", [50, 200])
def test_trials_that_have_ended_are_not_looked_at_again(noting: Callable[..., Any], trials: int) -> None:
    desk = Desk(noting(trials), 2, print)
    callback, order = Callback(desk, lambda: None), InOrder()
    tunes: list[Any] = []
    for number in range(trials):
        tunes.append(_TuneTrial(f"n{number}"))
        assert desk.next(tunes[-1].trial_id)
        order.on_trial_add(None, tunes[-1])  # type: ignore[arg-type]
        assert order.choose_trial_to_run(None) is tunes[-1]  # type: ignore[arg-type]
        tunes[-1].status = "RUNNING"
        assert order.choose_trial_to_run(None) is None  # type: ignore[arg-type]
        callback.on_step_begin(number, tunes)
        desk.result(tunes[-1].trial_id, {"outcome": "done"})
        tunes[-1].status = "TERMINATED"
        callback.on_step_begin(number, tunes)
    assert {tune.looks for tune in tunes} == {2}


def test_a_trial_that_tune_gave_up_without_a_word_is_lost(noting: Callable[..., Any]) -> None:
    desk = Desk(noting(1), 1, print)
    callback, tune = Callback(desk, lambda: None), _TuneTrial("a")
    trial = desk.next("a")
    callback.on_step_begin(0, [tune])  # type: ignore[list-item]
    tune.status = "ERROR"
    callback.on_step_begin(1, [tune])  # type: ignore[list-item]
    assert desk.running == {}
    assert desk.next("b") == trial


def test_trials_start_in_tunes_order(noting: Callable[..., Any]) -> None:
    """As Tune's own scheduler, which looks at all of them, chooses."""
    order, tunes = InOrder(), [_TuneTrial(name) for name in "abcd"]
    controller = SimpleNamespace(get_trials=lambda: tunes)
    for tune in tunes:
        order.on_trial_add(controller, tune)  # type: ignore[arg-type]
    for index, status in [(1, "RUNNING"), (0, "RUNNING"), (0, "ERROR"), (3, "TERMINATED"), (2, "RUNNING")]:
        tunes[index].status = status
        assert order.choose_trial_to_run(controller) is FIFOScheduler().choose_trial_to_run(controller)  # type: ignore[arg-type]


def test_a_source_that_waits_is_asked_again_when_it_was_told_something(
    noting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tune asks at every turn of its loop, ten times a second at least."""
    source = noting(2, after={1: 0})
    asked: list[None] = []
    inner = source.next
    monkeypatch.setattr(source, "next", lambda: (asked.append(None), inner())[1])
    desk = Desk(source, 9, print)
    assert desk.next("a").seed == 0
    assert [desk.next(f"later{turn}") for turn in range(100)] == [None] * 100
    assert len(asked) == 2
    desk.stop("a", {"report": {}})
    assert desk.next("b") is None
    assert len(asked) == 3
    desk.result("a", {"outcome": "done"})
    assert desk.next("c").seed == 1


def test_a_trial_whose_worker_was_killed_for_memory_comes_again_after_a_while_and_one_line(
    noting: Callable[..., Any], clock: Any
) -> None:
    source, lines = noting(2), list[str]()
    desk = Desk(source, 2, lines.append, clock)
    first, second = desk.next("a"), desk.next("b")
    desk.lost("a", _FULL)
    assert lines == [
        "t0: its worker was killed for lack of memory (22.4GB of 23.5GB in use on 10.0.0.7); it is tried again in 2 s"
    ]
    assert desk.next("c") is None
    clock.now += 2
    assert desk.next("d") == first
    for name in "db":
        desk.result(name, {"outcome": "done"})
    assert (second is not None, source.outcomes, source.failures) == (True, {0: "done", 1: "done"}, {})


def test_when_it_happens_again_fewer_run_at_once(noting: Callable[..., Any], clock: Any) -> None:
    source, lines = noting(9), list[str]()
    desk = Desk(source, 8, lines.append, clock)
    for name in "abcd":
        desk.next(name)
    desk.lost("a", _FULL)
    clock.now += 2
    desk.next("e")
    desk.lost("b", _FULL)
    desk.lost("c", _FULL)  # on the same occasion
    assert [line.partition("tried again in ")[2] for line in lines] == [
        "2 s",
        "4 s, 4 trials at once are now 2",
        "4 s",
    ]
    clock.now += 4
    assert desk.next("f") is None  # d and e run


def test_a_trial_that_is_killed_for_memory_all_alone_fails_in_the_end_and_may_succeed_another_time(
    noting: Callable[..., Any], clock: Any
) -> None:
    source, lines = noting(1), list[str]()
    desk = Desk(source, 1, lines.append, clock)
    for _ in range(TRIES_ALONE):
        assert source.failures == {}
        clock.now += 1000
        desk.next("a")
        desk.lost("a", _FULL)
    assert source.failures[0][0] == (
        f"its worker was killed for lack of memory {TRIES_ALONE} times although no other trial ran "
        "(22.4GB of 23.5GB in use on 10.0.0.7)"
    )
    assert source.again == {0}
    assert len(lines) == TRIES_ALONE - 1
    clock.now += 1000
    assert desk.next("after") is Finished


def test_a_worker_that_dies_while_the_system_kills_for_memory_was_killed_for_memory(
    noting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    desk = Desk(noting(1), 1, lines.append)
    desk.next("a")
    monkeypatch.setattr(desk._kernel_kills, "is_new", lambda: True)
    desk.lost("a", RuntimeError("it died"))
    assert lines == ["t0: its worker was killed for lack of memory (by the system); it is tried again in 2 s"]
