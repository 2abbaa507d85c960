"""A file is whole or not there."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

import pytest

from assay.config.errors import UserError
from assay.store.disk.atomic import check_writable, write_bytes, write_text


def test_it_writes_and_replaces_and_makes_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.txt"
    write_text(path, "grün\n")
    write_text(path, "neu")
    assert path.read_text(encoding="utf-8") == "neu"
    assert os.listdir(path.parent) == ["file.txt"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_what_was_there_stays_when_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError, match=rf"No space left on device: .*/{path.name}'$"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_that_takes_no_file_is_told_by_the_file_that_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".file.x1.part"))

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(PermissionError) as raised:
        write_bytes(tmp_path / "file", b"1")
    assert raised.value.filename == str(tmp_path / "file")


def test_a_folder_is_looked_at_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_writable(tmp_path, "a place", "go on")
    check_writable(tmp_path / "absent", "a place", "go on")
    assert not list(tmp_path.iterdir())

    def refuse(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "tmpx"))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(
        UserError, match=rf"^{tmp_path}: expected a place that can be written to; Permission .*: go on$"
    ):
        check_writable(tmp_path, "a place", "go on")


def test_it_has_the_permissions_of_any_other_new_file(tmp_path: Path) -> None:
    write_bytes(tmp_path / "ours", b"")
    (tmp_path / "plain").touch()
    ours, plain = (stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ours", "plain"))
    assert ours == plain


@pytest.mark.parametrize("name", [250 * "x", 80 * "世", "x" + 60 * "😀", 120 * "é"])
def test_a_very_long_name_is_no_trouble(tmp_path: Path, name: str) -> None:
    write_bytes(tmp_path / name, b"1")
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("name", ["file", "nowhere"])
def test_what_stands_where_a_folder_is_needed_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "nowhere").symlink_to("absent")
    with pytest.raises(NotADirectoryError, match=f"expected a folder.*/{name}"):
        write_bytes(tmp_path / name / "a", b"1")
