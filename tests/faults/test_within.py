"""A run with a time is valid wherever it is killed: its table can be read, and the same command comes to an end."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

import assay
from tests.faults.conftest import PATIENCE_S, Command, end_all_in

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(1800)]

KILLS = int(os.environ.get("SMFNET_KILLS", "4"))
WORDS_OF_CELLS = {"better", "worse", "different", "equivalent", "not resolved", ""}


def test_a_run_with_a_time_that_is_killed_again_and_again_is_valid_at_any_moment(tmp_path: Path) -> None:
    command, chance = Command(tmp_path, str(tmp_path / "store"), words=("--within", "90s")), random.Random(5)
    for _ in range(KILLS):
        process = command.start()
        time.sleep(chance.uniform(2, 30))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE_S)
        end_all_in(tmp_path)
        if (tmp_path / "run" / "run.json").is_file():
            _is_valid(tmp_path / "run")
    command.to_end()
    run = _is_valid(tmp_path / "run")
    assert run.unfinished == []
    assert all(path.is_file() for path in run.tables)
    assert run.record.looks
    assert "Not covered" not in command.table


def _is_valid(folder: Path) -> assay.Run:
    run = assay.load_run(folder)
    assert isinstance(run, assay.Run)
    assert len(run.table()) == 4
    assert set(run.verdicts()["verdict"]) <= WORDS_OF_CELLS
    return run
