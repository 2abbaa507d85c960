"""Files of anybody's making are read at once, or refused in one line: nothing waits, grows or runs."""

from __future__ import annotations

import contextlib
import os
import string
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assay.config.reading import MIB, parse_yaml, read_file, read_text, read_yaml


def test_a_file_is_read_whole_and_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbfgr\xc3\xbcn\r\n")
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "link", most=10) == b"\xef\xbb\xbfgr\xc3\xbcn\r\n"
    assert read_text(tmp_path / "link") == "grün\r\n"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("folder", "expected a file; this is a folder"),
        ("pipe", "expected a file; this is a pipe"),
        ("/dev/zero", "expected a file; this is a device"),
        ("large", "expected at most 1 MiB; it is larger"),
        ("latin1", "expected text in UTF-8; byte 2 is none"),
    ],
)
def test_what_is_no_text_file_is_not_waited_for(tmp_path: Path, path: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "latin1").write_bytes(b"gr\xfcn")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MIB + 1)
    for read in (read_text, read_yaml):
        with pytest.raises(ValueError, match=reason):
            read(tmp_path / path)


def test_what_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_yaml(tmp_path / "absent")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        read_yaml(tmp_path / "file" / "below")


_BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join(10 * [f'*{before}'])}]\n"
    for before, name in zip(string.ascii_lowercase, string.ascii_lowercase[1:10], strict=False)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (_BOMB, "more than 100000 values, aliases written out"),
        ("[" * 100_000, "nested too deeply"),
        ("{a: " * 200 + "}" * 200, "nested too deeply"),
        ("&a [*a]", "in itself"),
        ("&a {b: {c: *a}}", "in itself"),
        ("{a: 1, b: 2, a: 3}", "'a' is there twice"),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("a: !!binary eA==", "could not determine a constructor"),
        ("a: " + "9" * 5000, "limit"),
        ("a: 0x" + "f" * 5000, "line 1 holds a number of more than 64 bits"),
        ('a: "\\0"', "line 1 holds the character"),
        ('a: "\\ud800"', "line 1 holds the character"),
        ("a: \0", "special characters are not allowed"),
        ("a: 1\n---\nb: 2", "expected a single document"),
        ("? [1]\n: 2", "unhashable"),
        ("a: [", "while parsing"),
    ],
)
def test_a_document_that_is_a_trap_is_refused_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as raised:
        parse_yaml(text)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) <= 310


def test_numbers_are_numbers_and_dates_are_text() -> None:
    assert parse_yaml("[1e-4, 2.5E+3, 7, -0x10, 2020-01-31, 1e5x, true, ~]") == [
        *(1e-4, 2.5e3, 7, -16),
        *("2020-01-31", "1e5x", True, None),
    ]


def test_aliases_and_merges_may_be_used() -> None:
    assert parse_yaml("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: *x") == {
        "x": {"a": 1, "b": 2},
        "y": {"a": 1, "b": 3},
        "z": {"a": 1, "b": 2},
    }


_PLAIN = st.text(st.characters(exclude_categories=("C",)), max_size=20)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | _PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_PLAIN, inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES)
def test_what_is_written_is_read(value: object) -> None:
    assert parse_yaml(yaml.safe_dump(value, default_style='"', allow_unicode=True)) == value


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_yaml(text)
