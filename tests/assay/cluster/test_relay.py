"""A source in this process, the work in another."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from assay.cluster import relay
from assay.cluster.relay import serve
from assay.config.errors import UserError, WorkLost
from assay.experiment.source import Finished, Source, Stop, Waiting

pytestmark = pytest.mark.usefixtures("ray_here")


def test_the_source_is_asked_and_told_from_the_other_process(noting: Callable[..., Any]) -> None:
    def work(source: Source[Any], notice: Callable[[str], None]) -> None:
        notice("it begins")
        one, other = source.next(), source.next()
        assert one is not Finished
        assert one is not Waiting
        assert source.next() is Waiting
        assert source.progressed(one, {"loss": 0.5}) is Stop.NO
        assert source.progressed(other, {"loss": 0.7}) is Stop.YES
        source.finished(one, "done")
        source.failed(source.next(), "no", "lines", again=True)
        assert source.next() is Finished

    source, lines = noting(3, after={2: 0}, stop=[1]), list[str]()
    serve(source, work, lines.append)
    assert lines == ["it begins"]
    assert source.started == [0, 1, 2]
    assert source.reports == [(0, {"loss": 0.5}), (1, {"loss": 0.7})]
    assert (source.outcomes, source.failures) == ({0: "done"}, {2: ("no", "lines")})
    assert source.again == {2}


def test_errors_come_back_as_they_were(noting: Callable[..., Any]) -> None:
    def work(source: Source[Any], notice: Callable[[str], None]) -> None:
        raise UserError("give a smaller cluster.cpus")

    with pytest.raises(UserError) as raised:
        serve(noting(0), work, print)
    assert str(raised.value) == "give a smaller cluster.cpus"


def test_an_error_of_the_source_ends_the_work(noting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    source = noting(1)
    monkeypatch.setattr(source, "next", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        serve(source, lambda there, notice: there.next(), print)


def test_a_lost_connection_is_one_line_and_starts_nothing(
    noting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any) -> None:
        raise ConnectionError("Request can't be sent\nbecause the client is disconnected")

    monkeypatch.setattr(relay, "_serve", lost)
    monkeypatch.setattr(relay, "_shut_down", lambda *queues: pytest.fail("there is nobody to shut down"))
    with pytest.raises(WorkLost, match=r"connection to the cluster was lost \(Request can't be sent\): give the same"):
        serve(noting(0), lambda source, notice: None, print)


def test_the_death_of_the_process_on_the_head_is_one_line(noting: Callable[..., Any]) -> None:
    def work(source: Source[Any], notice: Callable[[str], None]) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(WorkLost, match=r"on the cluster's head has died .*give the same command again") as raised:
        serve(noting(0), work, print)
    assert "\n" not in str(raised.value)
