"""What is known of a worker's death."""

from __future__ import annotations

import copy
import os
import signal
from pathlib import Path

import pytest
import ray
from ray.exceptions import (
    ActorDiedError,
    NodeDiedError,
    OutOfMemoryError,
    RayActorError,
    RayTaskError,
    WorkerCrashedError,
)

from assay.cluster.deaths import KernelKills, KilledForMemory, _as_death, told_apart

# As Ray 2.60 says it.
_MESSAGE = (
    "1 worker(s) were killed due to the node running low on memory. Memory on the node (IP: 127.0.0.1, ID: 570f81) was "
    "2.76GB used / 23.54GB limit (0.117218)\nOOM kill reason: Memory usage 2937913344B exceeded threshold"
)


def test_killed_for_memory_is_a_death_that_says_how_full_the_machine_was() -> None:
    death = _as_death(OutOfMemoryError(_MESSAGE))
    assert isinstance(death, KilledForMemory)
    assert str(copy.copy(death)) == "2.76GB of 23.54GB in use on 127.0.0.1"
    assert str(KilledForMemory("in other words")) == "its machine was full"


@pytest.mark.parametrize("error", [NodeDiedError("gone"), WorkerCrashedError()])
def test_every_error_of_rays_is_a_death(error: Exception) -> None:
    death = _as_death(error)
    assert isinstance(death, RayActorError)
    assert str(death).startswith(type(error).__name__)


@pytest.mark.parametrize(
    "error", [ActorDiedError(), RayTaskError("f", "lines", ValueError("x")), ValueError("not Ray's")]
)
def test_what_tune_knows_stays_as_it_is(error: Exception) -> None:
    assert _as_death(error) is error


@pytest.mark.usefixtures("ray_here")
def test_what_became_of_a_worker_is_told_within_alone() -> None:
    @ray.remote(max_retries=0)
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with told_apart(), pytest.raises(RayActorError, match="WorkerCrashedError"):
        ray.get(die.remote())
    with pytest.raises(WorkerCrashedError):
        ray.get(die.remote())


def test_the_kernels_kills_are_counted(tmp_path: Path) -> None:
    counters = tmp_path / "vmstat"
    assert not KernelKills(counters).is_new()
    counters.write_text("pgfault 7\noom_kill 3\nnuma_hit 9\n")
    kills = KernelKills(counters)
    assert not kills.is_new()
    counters.write_text("pgfault 8\noom_kill 4\nnuma_hit 9\n")
    assert [kills.is_new(), kills.is_new()] == [True, False]
