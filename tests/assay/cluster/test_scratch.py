"""Scratch folders: gone with their process, however it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assay.cluster.scratch import scratch_folder

_HOLD = """
import sys
from pathlib import Path
from assay.cluster.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "file").touch()
    print(folder, flush=True)
    sys.stdin.read()
"""


def _holder(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """Another process with a folder, and the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_the_folder_is_gone_at_the_end(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        (folder / "below").mkdir()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_gone_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), scratch_folder(tmp_path):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_the_next_one_removes_what_a_killed_process_left_and_spares_the_living(tmp_path: Path) -> None:
    killed, left = _holder(tmp_path)
    living, used = _holder(tmp_path)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert (left / "file").exists()
    with scratch_folder(tmp_path) as mine:
        assert {mine, used} == set(tmp_path.iterdir())
        assert (used / "file").exists()
    living.communicate()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_lock_is_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "assay-data").mkdir()
    with scratch_folder(tmp_path):
        pass
    assert (tmp_path / "assay-data").is_dir()


def test_a_long_temporary_path_is_avoided(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Unix socket far below would have a path of more than 107 characters."""
    long = tmp_path / ("x" * 60)
    long.mkdir()
    monkeypatch.setenv("RAY_TMPDIR", str(long))
    with scratch_folder() as folder:
        assert folder.parent == Path("/tmp")
