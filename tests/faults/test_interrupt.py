"""Ctrl-C three times in quick succession, as a terminal sends it to a command and all its processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.faults.conftest import PATIENCE_S, Command, end_all_in, moments, undisplayed, wait_until, workforce

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("changes", [1, 5, 12])
def test_it_ends_in_one_line_with_all_its_processes_and_the_same_command_goes_on(
    tmp_path: Path, undisturbed: Command, changes: int
) -> None:
    command = Command(tmp_path, str(tmp_path / "store"))
    process = command.start()
    try:
        assert wait_until(lambda: len(moments(command.storage)) >= changes, process)
        crew = workforce(process)
        for _ in range(3):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.02)
        _, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode in (130, -signal.SIGINT)  # the latter: after the interpreter's last breath
        assert "Traceback" not in errors
        assert undisplayed(errors)[-1] == "stopped"
        assert psutil.wait_procs(crew, timeout=PATIENCE_S)[1] == []
        command.to_end()
        assert command.table == undisturbed.table
    finally:
        end_all_in(tmp_path)
