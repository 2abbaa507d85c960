"""One writer at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay.config.errors import UserError
from assay.store.disk.lock import sole_writer


def test_only_one_may_write(tmp_path: Path) -> None:
    with sole_writer(tmp_path), pytest.raises(UserError, match="another command is writing"), sole_writer(tmp_path):
        pass
    with sole_writer(tmp_path):
        pass


@pytest.mark.parametrize("name", ["file", "dangling", "file/below"])
def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "far")
    with pytest.raises(UserError, match=r"cannot be made or written to: .*; give another output"):
        sole_writer(tmp_path / name).__enter__()
    assert (tmp_path / "file").read_text() == "mine"


def test_a_link_in_a_folder_of_somebody_elses_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("years of work")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".writer").symlink_to(tmp_path / "thesis")
    with pytest.raises(UserError, match="cannot be made or written to"):
        sole_writer(tmp_path / "run").__enter__()
    assert (tmp_path / "thesis").read_text() == "years of work"


def test_a_pipe_in_the_lock_s_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".writer")
    with sole_writer(tmp_path):
        pass


def test_an_error_of_the_work_is_its_own(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError, match="of the work"), sole_writer(tmp_path):
        raise BlockingIOError("of the work")
