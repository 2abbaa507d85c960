"""A home folder that nobody can write to, as in a container of another user's: nothing is needed of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import Command, undisplayed

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]


_HOME = {"HOME": "/proc"}  # not even root can write there


@pytest.mark.skipif(not Path("/proc/1").exists(), reason="needs /proc")
def test_a_run_and_its_report_do_without_a_home_folder(tmp_path: Path, undisturbed: Command) -> None:
    command = Command(tmp_path, str(tmp_path / "store"), environment=_HOME)
    assert undisplayed(command.to_end()) == []
    assert command.table == undisturbed.table
    done = subprocess.run(
        [sys.executable, "-m", "assay.cli.main", "report", "run"],
        cwd=tmp_path,
        env=os.environ | _HOME,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "run" / "report.html").is_file()
