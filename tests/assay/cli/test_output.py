"""Where a command is to write is tried before the work begins, and nothing is left of the trial."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay.cli.output import check_file, check_folder
from assay.config.errors import UserError


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """A folder with a file, a link to nothing, a pipe, a folder and a link to it."""
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "scratch").symlink_to(tmp_path / "not" / "mounted")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    return tmp_path


def _content(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


@pytest.mark.parametrize("name", ["folder", "link", "new", "link/a/b", "folder/../new"])
def test_a_folder_that_can_be_made_is_not_made_yet(places: Path, name: str) -> None:
    before = _content(places)
    check_folder(places / name, "--output")
    check_file(places / name / "x.csv", "--csv")
    assert _content(places) == before


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("file", "/file is a file"),
        ("file/below", "/file is a file"),
        ("scratch", "/scratch is a link to .*/not/mounted, and there is no such folder"),
        ("scratch/below/it", "/scratch is a link to .*/not/mounted, and there is no such folder"),
        ("new/" + "x" * 300, "File name too long"),
        ("x\0y", "null byte"),
        pytest.param(
            "/proc/x/y", "No such file", marks=pytest.mark.skipif(not Path("/proc/1").exists(), reason="/proc")
        ),
    ],
)
def test_what_is_in_the_way_is_named(places: Path, name: str, reason: str) -> None:
    before = _content(places)
    with pytest.raises(UserError, match=f"^--output .*: expected a folder that can be made and written to; .*{reason}"):
        check_folder(places / name, "--output")
    with pytest.raises(UserError, match=f"^--csv .*{reason}"):
        check_file(places / name / "x.csv", "--csv")
    assert _content(places) == before


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("folder", "this is a folder"),
        ("pipe", "this is no file"),
        ("/dev/null", "this is no file"),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_file_is_no_folder_and_takes_no_devices_place(places: Path, name: str, reason: str) -> None:
    with pytest.raises(UserError, match=f"^--csv .*: expected the name of a file; {reason}"):
        check_file(places / name, "--csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(places: Path) -> None:
    (places / "folder").chmod(0o500)
    with pytest.raises(UserError, match="Permission denied"):
        check_folder(places / "folder", "--output")
