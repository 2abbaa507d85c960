"""The shipped YAML files are found in a clone and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from smfnet.config import folders
from smfnet.config.errors import UserError


def test_a_clones_own_folders_are_taken(root: Path) -> None:
    assert folders.ablations_folder() == root / "ablations"
    assert folders.search_spaces_folder() == root / "search_spaces"


def test_in_a_wheel_the_packages_own_folder_is_taken_and_a_neighbour_of_the_same_name_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "smfnet"
    (package / "shipped" / "ablations").mkdir(parents=True)
    (package.parent / "ablations").mkdir()
    monkeypatch.setattr(folders, "_PACKAGE", package)
    assert folders.ablations_folder() == package / "shipped" / "ablations"


def test_a_broken_installation_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_PACKAGE", tmp_path / "smfnet")
    with pytest.raises(UserError, match=r"search_spaces.*install smfnet again"):
        folders.search_spaces_folder()
