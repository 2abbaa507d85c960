"""A storage that is not the same everywhere is found before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.cluster.reach import check_reach
from assay.config.errors import UserError

pytestmark = pytest.mark.usefixtures("ray_here")


def test_a_folder_that_all_see_is_left_as_it_was(tmp_path: Path) -> None:
    check_reach(str(tmp_path))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_storage_of_this_process_alone_is_refused() -> None:
    with pytest.raises(UserError, match=r"storage=memory://store is not the same on .*: expected a folder that all"):
        check_reach("memory://store")


def test_a_storage_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        check_reach(str(tmp_path / "file" / "store"))
