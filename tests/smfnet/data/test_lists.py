"""Lists of names, as editors and spreadsheets write them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assay.config.errors import UserError
from smfnet.config.data import DataConfig
from smfnet.data.lists import read_list, read_table, shipped_lists
from smfnet.data.split import split_of


@pytest.mark.parametrize(
    "content",
    [
        b"a.png\nb\n",
        b"a.png\r\nb\r\n\r\n",
        b"\xef\xbb\xbfa.png\r\nb",
        b"# two of them\n  # indented\n a.png \n\tb\n",
        b"folder/a.PNG\nfolder\\b.jpg",
    ],
)
def test_marks_line_ends_and_comments_are_no_names(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "list.txt").write_bytes(content)
    assert read_list(tmp_path, "list.txt").stems == ("a", "b")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a.png\n".encode("utf-16"), "expected text in UTF-8"),
        ("a.png\n".encode("utf-16-le"), "holds zero bytes, as UTF-16 does: save it as UTF-8"),
        (b"caf\xe9.png\n", "expected text in UTF-8"),
    ],
)
def test_another_encoding_is_refused_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(UserError, match=message) as raised:
        read_list(tmp_path, "list.txt")
    assert "\n" not in str(raised.value)


def test_a_list_of_the_user_s_comes_before_a_shipped_one(tmp_path: Path) -> None:
    name = shipped_lists()[0]
    assert not read_list(tmp_path, name).own
    (tmp_path / name).write_text("mine")
    assert read_list(tmp_path, name).own
    assert read_list(tmp_path, name).lines == ("mine",)


def test_a_table_with_a_mark_has_its_columns(tmp_path: Path) -> None:
    (tmp_path / "same.csv").write_bytes(b"\xef\xbb\xbfa,b\r\none.png,two.png\r\n")
    assert read_table(read_list(tmp_path, "same.csv"), "data.same_scene") == [("one", "two")]


@pytest.mark.parametrize("line", ["one", "one,", ",two"])
def test_a_row_that_lacks_a_name_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "same.csv").write_text(f"a,b\nx,y\n{line}\n")
    with pytest.raises(UserError, match=r"row 2 of .*same\.csv lacks a name"):
        read_table(read_list(tmp_path, "same.csv"), "data.same_scene")


@pytest.fixture
def case(shared: Path, tmp_path: Path) -> Path:
    """The lists that failed, beside ten training and four test pairs."""
    return Path(shutil.copytree(shared / "cases" / "lists", tmp_path / "lists", copy_function=shutil.copyfile))


def _pairs(case: Path, **values: object) -> tuple[int, int]:
    split = split_of(replace(DataConfig(source="folder", root=str(case), val_pairs=2), **values))  # type: ignore[arg-type]
    return len(split.train), len(split.val)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["crlf.txt", "bom.txt", "comment.txt"])
def test_every_form_of_a_list_excludes_the_same_pairs(case: Path, name: str) -> None:
    assert sum(_pairs(case, exclude=(name,))) == 8


@pytest.mark.shared
@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"exclude": ("typo.txt",)},
            r"data\.exclude: .*typo\.txt names no_such_image and 1 more, and there is no such pair",
        ),
        ({"train_names": ("typo.txt",)}, r"data\.train_names: .*typo\.txt names no_such_image and 1 more"),
        ({"exclude": ("utf16.txt",)}, r"utf16\.txt: expected text in UTF-8"),
        ({"train_names": ("utf16.txt",)}, r"utf16\.txt: expected text in UTF-8"),
    ],
)
def test_what_a_list_names_and_the_data_lack_is_told(case: Path, values: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        _pairs(case, **values)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["same.csv", "same_bom.csv"])
def test_a_table_of_places_is_read_with_a_mark_and_without(case: Path, name: str) -> None:
    assert _pairs(case, same_scene=name) == (8, 2)


def test_a_mistyped_place_is_told(write_pairs: Callable[..., Path]) -> None:
    root = write_pairs("train", ["01", "02", "03", "04"])
    write_pairs("test", ["05"])
    (root / "same.csv").write_text("a,b\n01,O2\n")
    with pytest.raises(UserError, match=r"data\.same_scene: .*same\.csv names O2, and there is no such pair"):
        split_of(DataConfig(source="folder", root=str(root), val_pairs=1, same_scene="same.csv"))
