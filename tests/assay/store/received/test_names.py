"""Names that become files: every name has one of its own, which leads back to it."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.config.errors import UserError
from assay.store.disk.atomic import write_bytes
from assay.store.received.names import apart, check_unicode, file_name, is_file_name, nfc, original_name

ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
NASTY = st.text(st.sampled_from('ab. %/\\:*?"<>|~\n\x00éé世界25CON'), min_size=1, max_size=12)


def _is_short(name: str) -> bool:
    return len(nfc(name)) < 20


@given(ANY | NASTY)
def test_any_name_is_a_file_of_its_own_folder_wherever_it_is_written(name: str) -> None:
    file = file_name(name)
    assert len(file.encode()) <= 200
    assert PureWindowsPath(file).name == Path(file).name == file
    assert not set(file) & set('<>:"/\\|?*')
    assert not any(unicodedata.category(letter) == "Cc" for letter in file)
    assert not file.startswith(".")
    assert not file.endswith((".", " "))
    assert file == nfc(file)
    assert is_file_name(file)


@given(NASTY | ANY.filter(_is_short))
def test_the_name_comes_back(name: str) -> None:
    assert original_name(file_name(name)) == unicodedata.normalize("NFC", name)


@given(ANY | NASTY, ANY | NASTY)
def test_two_names_are_two_files(one: str, other: str) -> None:
    assume(unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other))
    assert file_name(one) != file_name(other)


@given(ANY | NASTY)
def test_the_file_of_a_name_is_no_other_name_s(name: str) -> None:
    assume(file_name(name) != nfc(name))
    assert file_name(file_name(name)) != file_name(name)


@pytest.mark.parametrize("name", ["no_graph-seed2025", "vi (1)", "白天", "naïve + [2] & co.", "a.b", "été", "-x", "~"])
def test_what_file_systems_take_stays(name: str) -> None:
    assert file_name(name.rstrip(".")) == name.rstrip(".")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a/b", "a%2Fb"),
        ("../../etc", "%2E.%2F..%2Fetc"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        (".hidden", "%2Ehidden"),
        ("100%", "100%25"),
        ("a. ", "a.%20"),
        ("a\nb\0", "a%0Ab%00"),
        ("12:30?", "12%3A30%3F"),
        ("\x85", "%C2%85"),
        ("con", "%63on"),
        ("COM1.tar", "%43OM1.tar"),
        ("aux .x", "%61ux .x"),
        ("console", "console"),
    ],
)
def test_what_some_file_system_refuses_is_percent_encoded(name: str, file: str) -> None:
    assert file_name(name) == file


def test_a_long_name_is_cut_between_letters_and_stays_unique() -> None:
    names = [count * letter for count in range(70, 260, 9) for letter in ("x", "é", "世", "/", "%", "\x85")]
    files = [file_name(name) for name in names]
    assert len(set(files)) == len(names)
    assert all(len(file.encode()) <= 200 and "�" not in original_name(file).rstrip("�") for file in files)
    assert file_name(200 * "x") == 200 * "x"
    assert file_name(67 * "世").startswith(60 * "世")


def test_forms_of_one_name_are_one_file() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    assert file_name(composed) == file_name(decomposed) == composed


@pytest.mark.parametrize("name", ["", "\udce9", "a\ud800"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="expected a name"):
        file_name(name)


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    with pytest.raises(UserError, match=r"expected a name in UTF-8; got caf\\udce9\.png: rename it"):
        check_unicode(os.fsdecode(b"caf\xe9.png"), "a name")
    check_unicode("café 白天", "a name")


@pytest.mark.parametrize("text", ["", ".", "..", "../x", "a/b", "a\\b", "/etc", "C:x", ".hidden", "a\0", "a\n"])
def test_what_leads_elsewhere_is_no_file_name(text: str) -> None:
    assert not is_file_name(text)


@pytest.mark.parametrize("letter", ["x", "é", "世", "😀", "\u0958"])  # NFC makes the last one longer
def test_the_longest_name_can_be_written_with_all_that_comes_to_it(tmp_path: Path, letter: str) -> None:
    file = f"gallery-{file_name(300 * letter)}-seed12345-vi.parquet"
    write_bytes(tmp_path / file, b"1")
    assert (tmp_path / file).read_bytes() == b"1"
    assert len(os.listdir(tmp_path)) == 1


def test_of_names_that_differ_in_case_alone_the_first_stands_for_all() -> None:
    assert apart(["B", "a", "b", "A", "c"]) == ["B", "a", "c"]
    assert apart([]) == []
