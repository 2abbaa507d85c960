"""A search whose driver is killed with -9 goes on with the same command: nothing is lost, and nothing runs twice."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import optuna
import pytest
from optuna.trial import FrozenTrial

from assay.tuning.optuna_study import read_study

TRIALS = 8
COMMAND = [
    *(sys.executable, "-m", "smfnet.cli.search", "alpha3", "beta1", "--output", "out", "--confirm", "0"),
    *(
        "--trials",
        str(TRIALS),
        "network.width=4",
        "network.heads=1",
        "base.transformer.groups=1",
        "base.transformer.pairs=1",
    ),
    *("data.patch=16", "data.stride=16", "data.val_pairs=2"),
    "data.scenes={train_pairs: 2, test_pairs: 3, height: 32, width: 40}",
    "train={epochs: 6, stage1_epochs: 1, batch: 2, steps_per_epoch: 4, device: cpu, checkpoint_s: 0}",
]
ENDED = re.compile(r"trial (\d+) .*: (SCD|stopped after)")
BEGAN = re.compile(r"trial (\d+) .*: running")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """`start()`: the search as a process of its own; killed with its children at the end of the test."""
    begun: list[subprocess.Popen[str]] = []
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RAY_memory_monitor_refresh_ms": "0"}

    def begin() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            COMMAND, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def _told(trial: FrozenTrial) -> tuple[object, ...]:
    return trial.number, trial.state, trial.values, trial.params, trial.intermediate_values, trial.datetime_complete


@pytest.mark.fault
@pytest.mark.slow
def test_kill_9_in_the_middle_and_the_same_command(
    tmp_path: Path,
    start: Callable[[], subprocess.Popen[str]],
    plainly: Callable[[Path], optuna.Study],
) -> None:
    first, ended = start(), set()
    assert first.stderr is not None
    for line in first.stderr:
        if found := ENDED.search(line):
            ended.add(int(found[1]))
        if len(ended) >= 3:
            break
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert len(ended) >= 3, "it ended before it could be killed"
    before = {trial.number: _told(trial) for trial in plainly(tmp_path / "out").trials if trial.state.is_finished()}
    assert ended <= before.keys()
    assert len(before) < TRIALS

    second = start()
    _, told = second.communicate()
    assert second.returncode == 0, told
    again = {int(found[1]) for found in BEGAN.finditer(told)}
    assert not again & before.keys(), "a finished trial ran again"

    trials = plainly(tmp_path / "out").trials
    assert {trial.number: _told(trial) for trial in trials if trial.number in before} == before
    assert [trial.number for trial in trials] == list(range(TRIALS))
    assert {trial.state.name for trial in trials} == {"COMPLETE", "PRUNED"}
    assert all(trial.intermediate_values for trial in trials)
    assert len({repr(sorted(trial.params.items())) for trial in trials}) == TRIALS
    pruned = [trial for trial in trials if trial.state.name == "PRUNED"]
    assert all(trial.value == trial.intermediate_values[max(trial.intermediate_values)] for trial in pruned)


@pytest.mark.fault
@pytest.mark.slow
def test_kill_9_while_the_study_is_written_again_and_again(
    tmp_path: Path,
    start: Callable[[], subprocess.Popen[str]],
    plainly: Callable[[Path], optuna.Study],
) -> None:
    """As its file grows: after the write, before what makes it safe on the disk has come back."""
    finished: dict[int, object] = {}
    for growths in (1, 14, 20):  # the first of them is the study itself
        process = start()
        _wait_until_it_grows(tmp_path / "out" / "study.journal", growths, process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if growths > 1:
            trials = read_study(tmp_path / "out").trials
            assert {n: _told(trials[n]) for n in finished} == finished
            finished = {trial.number: _told(trial) for trial in trials if trial.state.is_finished()}
    last = start()
    _, told = last.communicate()
    assert last.returncode == 0, told
    trials = plainly(tmp_path / "out").trials
    assert {n: _told(trials[n]) for n in finished} == finished
    assert [trial.number for trial in trials] == list(range(TRIALS))
    assert {trial.state.name for trial in trials} <= {"COMPLETE", "PRUNED"}


def _wait_until_it_grows(file: Path, times: int, process: subprocess.Popen[str]) -> None:
    """Until a file has grown so many times, or as often as it will."""
    size = -1
    while times and process.poll() is None:
        now = file.stat().st_size if file.exists() else -1
        times -= now > size
        size = now
        time.sleep(0.0002)
