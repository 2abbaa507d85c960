"""A Ray of our own is looked after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest

from assay.cluster import watch
from assay.cluster.watch import Pulse, check_alive, own_ray, watched
from assay.config.errors import WorkLost


def _look_after(folder: Path, mode: int) -> None:
    with watched(own_ray(folder)):
        check_alive()
        folder.chmod(mode)
        check_alive()


def test_a_folder_that_is_opened_to_others_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(WorkLost, match=r"others can enter .*: give the same command again"):
        _look_after(tmp_path, 0o755)


def test_a_folder_that_is_gone_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(WorkLost, match="others can enter"), watched(own_ray(tmp_path / "gone")):
        check_alive()


def test_afterwards_nobody_looks(tmp_path: Path) -> None:
    _look_after(tmp_path, 0o700)
    tmp_path.chmod(0o777)
    check_alive()


class _Gcs:
    """Answers while it lives."""

    def __init__(self) -> None:
        self.lives = True

    def __call__(self, place: str) -> None:
        if not self.lives:
            raise grpc.RpcError


@pytest.fixture
def gcs(monkeypatch: pytest.MonkeyPatch) -> _Gcs:
    gcs = _Gcs()
    monkeypatch.setattr(watch, "ask_alive", gcs)
    return gcs


def test_a_gcs_that_answers_no_longer_ends_the_run(gcs: _Gcs) -> None:
    pulse = Pulse("head:6379", patience_s=0)
    pulse.feel()
    assert pulse.look() is None
    gcs.lives = False
    pulse.feel()
    gone = "gcs_server of the cluster no longer answers at head:6379: give the same command again"
    with pytest.raises(WorkLost, match=gone), watched(pulse.look):
        check_alive()


def test_a_gcs_may_be_away_for_a_while(gcs: _Gcs, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch.time, "monotonic", clock)
    pulse = Pulse("head:6379", patience_s=30)
    for away in (29, 29):
        clock.now += 1000  # of a computer that slept, say: it was not asked
        gcs.lives = False
        pulse.feel()
        clock.now += away
        pulse.feel()
        assert pulse.look() is None
        gcs.lives = True
        pulse.feel()
    gcs.lives = False
    pulse.feel()
    clock.now += 30
    assert pulse.look() is not None
