"""A full disk: a clear error, a store without damage, and the same command finishes once there is room."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assay.store.store import STAGES, TRIALS, Store
from tests.faults.conftest import Command, undisplayed

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], Path]]:
    """`small_disk(size)`: a disk of so many bytes, at a path that is short enough for sockets."""
    disk = Path(tempfile.mkdtemp(prefix="disk-", dir="/tmp"))

    def make(size: int) -> Path:
        done = _mount(disk, f"size={size}")
        if done.returncode:
            message = f"cannot mount a small disk: {done.stderr.strip()}"
            if os.environ.get("CI") == "true" and os.geteuid() == 0:
                pytest.fail(message)
            pytest.skip(message)
        return disk

    yield make
    subprocess.run(["umount", "--lazy", str(disk)], capture_output=True, check=False)
    disk.rmdir()


def _mount(disk: Path, options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )


def test_a_full_storage_fails_rows_with_a_reason_and_the_same_command_ends_well(
    small_disk: Callable[[int], Path], tmp_path: Path, undisturbed: Command
) -> None:
    needed = sum(path.stat().st_size for path in Path(undisturbed.storage).rglob("*") if path.is_file())
    disk = small_disk(needed // 2)
    command = Command(tmp_path, str(disk / "store"))
    errors = command.to_end(code=1)
    assert "failed; OSError: [Errno 28] No space left on device" in errors
    assert "Traceback" not in errors
    _assert_whole(command.storage)
    assert _mount(disk, "remount,size=64m").returncode == 0
    assert "put aside" not in command.to_end()
    assert command.results.equals(undisturbed.results)
    assert command.table == undisturbed.table


def test_a_full_disk_under_the_run_folder_ends_the_command_in_one_line(
    small_disk: Callable[[int], Path], undisturbed: Command
) -> None:
    disk = small_disk(40 * 1024)
    command = Command(disk, undisturbed.storage)
    (line,) = undisplayed(command.to_end(code=1))
    assert line.startswith("error: No space left on device: ")
    assert line.endswith("; what was done before is kept")
    assert _mount(disk, "remount,size=64m").returncode == 0
    command.to_end()
    assert command.results.equals(undisturbed.results)


def _assert_whole(storage: str) -> None:
    store = Store(storage)
    assert all(store.verify(entry) for kind in (STAGES, TRIALS) for entry in store.entries(kind))
    checkpoints = [Path(path).name for path in store.files.list("checkpoints")]
    assert all(store.read_checkpoint(name) is not None for name in checkpoints)
    assert store.files.list("damaged") == []
    assert store.files.partial() == []


def test_a_full_temporary_folder_ends_the_command_in_one_line_that_names_it(
    small_disk: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = small_disk(2**18)
    monkeypatch.setenv("TMPDIR", str(disk))
    errors = Command(tmp_path, str(tmp_path / "store")).to_end(code=2)
    assert undisplayed(errors)[-1].startswith(f"error: {disk} has 0.")
    assert "set TMPDIR" in errors
    assert list(disk.iterdir()) == []
