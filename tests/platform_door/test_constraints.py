"""The versions that `make setup` installs are within what the project asks for; trackers have their own environment."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from assay.track.known import TRACKERS


@pytest.fixture(scope="module")
def pins(root: Path) -> dict[str, Version]:
    lines = (line for line in (root / "constraints.txt").read_text().splitlines() if not line.startswith("#"))
    return {canonicalize_name(name): Version(version) for name, version in (line.split("==") for line in lines)}


@pytest.fixture(scope="module")
def asked(root: Path) -> list[Requirement]:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    installed = [lines for name, lines in project["optional-dependencies"].items() if name not in TRACKERS]
    return [Requirement(line) for line in sum(installed, project["dependencies"])]


def test_every_package_but_torch_is_pinned_within_its_range(pins: dict[str, Version], asked: list[Requirement]) -> None:
    outside = [
        str(each)
        for each in asked
        if each.name != "torch" and not each.specifier.contains(pins.get(canonicalize_name(each.name), Version("0")))
    ]
    assert outside == []


def test_torch_is_chosen_by_the_machine_and_no_pin_names_a_build(pins: dict[str, Version]) -> None:
    assert not {name for name in pins if name.startswith(("torch", "nvidia", "triton"))}
    assert [name for name, version in pins.items() if version.local] == []


def test_packages_whose_private_parts_are_used_are_bounded_above(root: Path, asked: list[Requirement]) -> None:
    private = re.compile(r"\b(ray|optuna|hydra|kornia|pandas|scipy|torch)\._[a-z]\w+|from (ray|optuna|hydra)\._")
    used = {
        match[1] or match[2]
        for package in ("assay", "smfnet")
        for file in (root / package).rglob("*.py")
        for match in private.finditer(file.read_text())
    }
    bounded = {each.name for each in asked if any(part.operator in ("<", "<=", "==") for part in each.specifier)}
    assert used >= {"ray"}
    assert used <= bounded
