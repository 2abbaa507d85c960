"""What ships with a package is found in a clone and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.config.errors import UserError
from assay.config.folders import expanded, shipped_folder
from assay.evidence.report.notebook import notebooks_folder
from smfnet import folders


def test_a_clones_own_folders_are_taken(root: Path) -> None:
    assert folders.ablations_folder() == root / "ablations"
    assert folders.search_spaces_folder() == root / "search_spaces"
    assert folders.published_folder() == root / "analysis" / "published"
    assert notebooks_folder() == root / "analysis" / "reports"


def test_in_a_wheel_the_packages_own_folder_is_taken_and_a_neighbour_of_the_same_name_is_not(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "study"
    (package / "shipped" / "published").mkdir(parents=True)
    (package.parent / "analysis" / "published").mkdir(parents=True)
    assert shipped_folder(package, "analysis/published") == package / "shipped" / "published"


def test_a_broken_installation_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"search_spaces.*install the wheel again"):
        shipped_folder(tmp_path / "study", "search_spaces")


def test_a_home_folder_that_nobody_has_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert expanded("data.root", "~/sets") == Path("/home/me/sets")
    with pytest.raises(UserError, match=r"data\.root=~nobody-here/sets: the home folder is not known here"):
        expanded("data.root", "~nobody-here/sets")
