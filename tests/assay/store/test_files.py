"""Files under one root: a folder, or any file system that pyarrow or fsspec knows."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from assay.config.errors import UserError
from assay.store.files import Files
from assay.store.store import Store


def test_files_by_relative_path(any_store: Store) -> None:
    files = any_store.files
    files.write("a/b/one", b"1")
    files.write("a/two", b"22")
    files.write("a/two", b"222")
    assert files.read("a/two") == b"222"
    assert files.list("a") == ["a/b/one", "a/two"]
    assert files.list("a/b") == ["a/b/one"]
    assert files.list("absent") == []
    assert (files.size("a/two"), files.size("absent")) == (3, 0)
    assert (files.exists("a/two"), files.exists("a/b"), files.exists("absent")) == (True, False, False)
    assert files.age_s("absent") == 0
    assert 0 <= files.age_s("a/two") < 60
    files.delete("a/two")
    files.delete("a/two")
    files.delete_folder("a/b")
    files.delete_folder("a/b")
    assert files.list("a") == []
    with pytest.raises(FileNotFoundError):
        files.read("a/two")


def test_a_root_that_can_be_used_is_left_as_it_was(any_store: Store) -> None:
    any_store.files.check()
    assert any_store.files.list("") == []


def test_a_root_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"storage=.*file/store cannot be written and read: .*") as raised:
        Files(f"{tmp_path}/file/store").check()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("writable", [True, False])
def test_a_root_that_is_a_file_is_one_line(tmp_path: Path, writable: bool) -> None:
    (tmp_path / "file").touch()
    for name in (f"{tmp_path}/file", "/dev/null"):
        with pytest.raises(UserError, match=rf"^storage={name}: expected a folder; this is none$"):
            Files(name).check(writable=writable)


def test_to_look_leaves_no_folder_and_removes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Files, "delete", lambda *arguments: pytest.fail("to look removes nothing"))
    Files(str(tmp_path / "absent")).check(writable=False)
    assert list(tmp_path.iterdir()) == []


def test_a_bucket_that_nobody_serves_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(files: Files, path: str) -> bool:
        raise OSError("AWS Error NETWORK_CONNECTION during HeadObject operation\nmore about it")  # has no errno

    monkeypatch.setattr(Files, "exists", refused)
    with pytest.raises(UserError, match=r"storage=memory://x cannot be read: AWS Error NETWORK_CONNECTION.*operation$"):
        Files("memory://x").check(writable=False)


@pytest.mark.parametrize("writable", [True, False])
def test_a_url_without_a_bucket_is_one_line(writable: bool) -> None:
    with pytest.raises(UserError, match=r"^storage=s3:// cannot be .*read: ") as raised:
        Files("s3://").check(writable=writable)
    assert "\n" not in str(raised.value)


def test_an_option_that_the_url_may_not_have_is_named() -> None:
    with pytest.raises(UserError, match="'timeout'"):
        Files("s3://bucket/x?timeout=1")


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    assert Files(f"file://{tmp_path}/with%20blank").local == tmp_path / "with blank"


def test_the_home_folder_may_be_abbreviated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Files("~/store").local == tmp_path / "store"


@pytest.mark.parametrize("root", ["nosuch://bucket/path", "s4://bucket"])
def test_an_unknown_file_system_is_named(root: str) -> None:
    with pytest.raises(UserError, match=f"storage={root}"):
        Files(root)


def test_what_a_killed_writer_left_is_known_and_no_file(tmp_path: Path) -> None:
    files = Files(str(tmp_path))
    files.write("a/one", b"1")
    (tmp_path / "a" / ".two.x.part").write_bytes(b"half")
    os.utime(tmp_path / "a" / ".two.x.part", (0, 0))
    assert files.list("a") == ["a/one"]
    assert files.partial() == ["a/.two.x.part"]
    assert files.age_s("a/.two.x.part") > 1e9


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.ENOSPC, "make room"), (errno.EACCES, "make that possible"), (errno.EROFS, "make")]
)
def test_a_folder_that_takes_nothing_is_told_in_words_and_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UserError) as raised:
        Files(f"{tmp_path}/new/store").check()
    told = f"storage={tmp_path}/new/store cannot be written and read: {os.strerror(number)}; {remedy}"
    assert str(raised.value).startswith(told)
    assert str(raised.value).endswith("or name another folder, storage=DIR")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_looked_into_is_told_and_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(place: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(place))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UserError, match=rf"storage={tmp_path} cannot be read: Permission denied; make that possible"):
        Files(str(tmp_path)).check(writable=False)
