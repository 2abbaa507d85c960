"""What a received folder names is checked before it becomes a path."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.errors import UserError
from assay.store.received.inside import Outside, check_entry_file, check_fingerprint, inside
from assay.store.received.names import file_name

_NASTY = ["", ".", "..", "../x", "/etc/passwd", "a/../b", "a//b", "a/b/c", "a\\b", "a\x00b", "a\nb", "./a", "a/", "/"]


@given(st.text(max_size=40))
def test_a_fingerprint_is_32_hexadecimal_digits_and_nothing_else(name: str) -> None:
    with pytest.raises(UserError, match="expected a fingerprint"):
        check_fingerprint(name)


@pytest.mark.parametrize("name", [32 * "A", 31 * "a", 33 * "a", 32 * "a" + "\n", "../" + 29 * "a", 32 * "٣"])
def test_what_looks_like_one_is_none(name: str) -> None:
    with pytest.raises(UserError):
        check_fingerprint(name)
    assert check_fingerprint(32 * "a") == 32 * "a"


@pytest.mark.parametrize("name", [*_NASTY, "record.json"])
def test_a_name_that_climbs_is_no_file_of_an_entry(name: str) -> None:
    with pytest.raises(UserError, match="expected the name of a file of an entry"):
        check_entry_file(name)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_every_name_that_the_project_makes_is_one(name: str) -> None:
    for made in ("state.safetensors", f"images/{file_name(name)}.png"):
        assert check_entry_file(made) == made


@given(st.lists(st.sampled_from(["..", ".", "a", "b", "link", "/", "/etc", "back"]), max_size=6))
def test_no_path_leads_out(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    base = tmp_path_factory.getbasetemp() / "inside"
    root = base / "root"
    (root / "a" / "b").mkdir(parents=True, exist_ok=True)
    (base / "elsewhere").mkdir(exist_ok=True)
    for name, target in (("link", base / "elsewhere"), ("back", root)):
        if not (root / name).is_symlink():
            (root / name).symlink_to(target)
    real = os.path.realpath(root.joinpath(*parts))
    within = real == str(root.resolve()) or real.startswith(f"{root.resolve()}/")
    if within:
        assert inside(root, *parts) == root.joinpath(*parts)
    else:
        with pytest.raises(Outside, match=r"leads out of .*expected a file in it"):
            inside(root, *parts)


def test_the_root_may_be_a_link_itself_and_need_not_be_there(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    assert inside(tmp_path / "link", "a") == tmp_path / "link" / "a"
    (tmp_path / "disk").mkdir()
    assert inside(tmp_path / "link", "a", "b") == tmp_path / "link" / "a" / "b"


def test_a_circle_of_links_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    assert inside(tmp_path, "one", "x").name == "x"
