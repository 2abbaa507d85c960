"""A Ray of our own is looked after."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.cluster.watch import check_alive, watched
from assay.config.errors import WorkLost


def _look_after(folder: Path, mode: int) -> None:
    with watched(folder):
        check_alive()
        folder.chmod(mode)
        check_alive()


def test_a_folder_that_is_opened_to_others_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(WorkLost, match=r"others can enter .*: give the same command again"):
        _look_after(tmp_path, 0o755)


def test_a_folder_that_is_gone_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(WorkLost, match="others can enter"), watched(tmp_path / "gone"):
        check_alive()


def test_afterwards_nobody_looks(tmp_path: Path) -> None:
    _look_after(tmp_path, 0o700)
    tmp_path.chmod(0o777)
    check_alive()
