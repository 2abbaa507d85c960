"""Whatever is killed, and whenever: the same command again ends with the same numbers, and nothing is done twice."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.faults.conftest import (
    PATIENCE_S,
    Command,
    end_all_in,
    kept,
    moments,
    part_of,
    undisplayed,
    wait_until,
    workforce,
)

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(900)]

# What is killed, one run after the other; the last one of each loses a worker, and comes to its end nevertheless.
CAMPAIGNS = (
    ("driver", "raylet", "driver", "worker"),
    ("raylet", "driver", "gcs_server", "worker"),
    ("interrupt", "driver", "raylet", "worker"),
    ("driver", "terminate", "raylet", "worker"),
    ("raylet", "gcs_server", "driver", "worker"),
)
SIGNALS = {"interrupt": signal.SIGINT, "terminate": signal.SIGTERM}
EXPECTED_CODE = {"driver": -signal.SIGKILL, "raylet": 1, "gcs_server": 1, "worker": 0} | dict.fromkeys(SIGNALS, 130)


@pytest.fixture(scope="module")
def campaigns(undisturbed: Command, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Future[Command]]]:
    """All of them, two at a time: a run mostly waits for processes to start and to die."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        folders = [tmp_path_factory.mktemp("killed") for _ in CAMPAIGNS]
        yield [pool.submit(_campaign, folder, seed) for seed, folder in enumerate(folders)]
        pool.shutdown(wait=False, cancel_futures=True)
        for folder in folders:
            end_all_in(folder)


@pytest.mark.parametrize("seed", range(len(CAMPAIGNS)))
def test_a_run_that_is_killed_again_and_again_ends_with_the_numbers_of_an_undisturbed_one(
    campaigns: list[Future[Command]], undisturbed: Command, seed: int
) -> None:
    command = campaigns[seed].result()
    assert command.results.equals(undisturbed.results)
    assert command.table == undisturbed.table


def _campaign(folder: Path, seed: int) -> Command:
    """Give the same command again and again, kill something each time, and once more; nothing is ever done twice."""
    command, chance = Command(folder, str(folder / "store")), random.Random(seed)
    before = kept(command.storage)
    for victim in CAMPAIGNS[seed]:
        errors = _killed(command, victim, chance)
        if victim in ("raylet", "gcs_server"):
            (line,) = undisplayed(errors)
            assert re.match(rf"error: Ray('s {victim} has died| did not start) .*: give the same command again, ", line)
        after = kept(command.storage)
        assert {name: after.records[name] for name in before.records} == before.records  # none was made again
        for stage, steps in before.done.items():
            assert f"stages/{stage}" in after.records or after.done[stage] >= steps
        before = after
    assert before.done == {}
    command.to_end()
    assert kept(command.storage) == before
    return command


def _killed(command: Command, victim: str, chance: random.Random) -> str:
    """Give the command and kill its victim at a moment by chance; what it wrote to stderr."""
    process = command.start()
    at_start = victim in ("driver", "interrupt") and chance.random() < 0.25
    if at_start:
        time.sleep(chance.uniform(0.1, 4))
    else:
        _wait_for_changes(command, process, chance.randint(1, 12))
        time.sleep(chance.uniform(0, 0.05))
    crew = workforce(process)
    _kill(process, victim)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == EXPECTED_CODE[victim], errors
    _, alive = psutil.wait_procs(crew, timeout=PATIENCE_S)
    assert alive == []
    return errors


def _wait_for_changes(command: Command, process: subprocess.Popen[str], count: int) -> None:
    """Until the store has changed so many times."""
    for _ in range(count):
        before = moments(command.storage)
        assert wait_until(lambda before=before: moments(command.storage) != before, process), process.communicate()


def _kill(process: subprocess.Popen[str], victim: str) -> None:
    if victim in SIGNALS:
        process.send_signal(SIGNALS[victim])
        return
    assert wait_until(lambda: part_of(process, victim) is not None, process)
    found = part_of(process, victim)
    assert found is not None
    found.send_signal(signal.SIGKILL)
