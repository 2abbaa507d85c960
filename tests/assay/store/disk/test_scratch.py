"""Scratch folders: gone with their process, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assay.config.errors import UserError
from assay.store.disk import scratch
from assay.store.disk.scratch import SCRATCH, is_private, node_folder, scratch_folder

_HOLD = """
import sys
from pathlib import Path
from assay.store.disk.scratch import scratch_folder
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


def _abandoned(folder: Path) -> Path:
    """As a killed process leaves it."""
    folder.mkdir(mode=0o700)
    (folder / "lock").write_bytes(scratch._MARKER)
    return folder


def _cleaned(parent: Path) -> None:
    with scratch_folder(parent):
        pass


def test_what_is_abandoned_is_removed(tmp_path: Path) -> None:
    """Or the tests below would show nothing."""
    folder = _abandoned(tmp_path / "assay-12345678")
    _cleaned(tmp_path)
    assert not folder.exists()


@pytest.mark.parametrize("name", ["assay-data", "assay-experiments", "assay-ABCDEFGH", "smfnet-thesis"])
def test_a_folder_of_another_name_is_the_users(tmp_path: Path, name: str) -> None:
    folder = _abandoned(tmp_path / name)
    _cleaned(tmp_path)
    assert (folder / "lock").exists()


def test_a_folder_without_our_marker_is_the_users(tmp_path: Path) -> None:
    folder = _abandoned(tmp_path / "assay-lab_2026")
    (folder / "lock").write_text("12345\n")
    _cleaned(tmp_path)
    assert (folder / "lock").exists()


def test_a_folder_that_others_may_enter_is_not_ours(tmp_path: Path) -> None:
    folder = _abandoned(tmp_path / "assay-12345678")
    folder.chmod(0o755)
    _cleaned(tmp_path)
    assert (folder / "lock").exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = _abandoned(tmp_path / "elsewhere")
    (tmp_path / "assay-12345678").symlink_to(elsewhere)
    inner = _abandoned(tmp_path / "assay-abcdefgh")
    (inner / "lock").unlink()
    (inner / "lock").symlink_to(elsewhere / "lock")
    _cleaned(tmp_path)
    assert (elsewhere / "lock").exists()
    assert inner.exists()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    folder = _abandoned(tmp_path / "assay-12345678")
    (folder / "lock").unlink()
    os.mkfifo(folder / "lock")
    _cleaned(tmp_path)
    assert folder.exists()


@pytest.mark.parametrize("theirs", [".", "lock"])
def test_what_belongs_to_another_user_stays(tmp_path: Path, another_user: int, theirs: str) -> None:
    folder = _abandoned(tmp_path / "assay-12345678")
    os.chown(folder / theirs, another_user, another_user)
    _cleaned(tmp_path)
    assert (folder / "lock").exists()


def test_nobody_else_can_enter_whatever_is_done_to_what_lies_in_it(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        (folder / "ray").mkdir()
        (folder / "ray").chmod(0o777)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert is_private(folder)
        folder.chmod(0o711)
        assert not is_private(folder)


def test_a_folder_in_which_others_may_rename_is_avoided(monkeypatch: pytest.MonkeyPatch, short_path: Path) -> None:
    monkeypatch.setenv("RAY_TMPDIR", str(short_path))
    for mode, parent in ((0o777, Path("/tmp")), (0o1777, short_path), (0o700, short_path), (0o775, Path("/tmp"))):
        short_path.chmod(mode)
        with scratch_folder() as folder:
            assert folder.parent == parent


def test_where_nothing_can_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"no folder can be made in .* \(.*\): give another RAY_TMPDIR") as raised:
        _cleaned(tmp_path / "file")
    assert "\n" not in str(raised.value)


_WORK = """
import sys
from assay.store.disk.scratch import node_folder
print(node_folder(), flush=True)
sys.stdin.read()
"""


def _worker(parent: Path, name: str) -> tuple[subprocess.Popen[str], Path]:
    """A worker of the run with a scratch folder of this name, on a machine with this temporary folder."""
    environment = os.environ | {"RAY_TMPDIR": str(parent), SCRATCH: name}
    process = subprocess.Popen(
        [sys.executable, "-c", _WORK], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_workers_of_a_run_share_a_folder_on_their_machine_which_goes_after_them(short_path: Path) -> None:
    (one, folder), (other, same) = (_worker(short_path, "assay-12345678") for _ in range(2))
    assert folder == same == short_path / "assay-12345678" / "node"
    assert is_private(folder.parent)
    for worker in (one, other):
        _cleaned(short_path)
        assert folder.is_dir()
        worker.kill()
        worker.communicate()
    _cleaned(short_path)
    assert list(short_path.iterdir()) == []


def test_on_the_drivers_machine_it_lies_in_the_drivers_folder_and_goes_with_it(short_path: Path) -> None:
    with scratch_folder(short_path) as scratch:
        worker, folder = _worker(short_path, scratch.name)
        assert folder == scratch / "node"
        worker.communicate()
        assert folder.is_dir()
    assert list(short_path.iterdir()) == []


def test_a_folder_that_was_put_there_by_others_is_refused(monkeypatch: pytest.MonkeyPatch, short_path: Path) -> None:
    monkeypatch.setenv("RAY_TMPDIR", str(short_path))
    monkeypatch.setenv(SCRATCH, "assay-12345678")
    (short_path / "assay-12345678").mkdir(mode=0o755)
    with pytest.raises(UserError, match="is not the user's alone"):
        node_folder()


@pytest.mark.parametrize("name", ["", "../12345678", "assay-1234/678"])
def test_who_is_no_worker_of_a_run_has_no_such_folder(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(SCRATCH, name)
    assert node_folder() is None


def test_a_long_temporary_path_is_avoided(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Unix socket far below would have a path of more than 107 characters."""
    long = tmp_path / ("x" * 60)
    long.mkdir()
    monkeypatch.setenv("RAY_TMPDIR", str(long))
    with scratch_folder() as folder:
        assert folder.parent == Path("/tmp")
