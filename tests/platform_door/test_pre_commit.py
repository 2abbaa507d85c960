"""`.pre-commit-config.yaml` asks of a commit what continuous integration asks, with the same versions."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml


@pytest.fixture(scope="module")
def hooks(root: Path) -> list[dict[str, object]]:
    """All hooks of all repositories."""
    repositories = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]  # others have versions of their own
    return [hook for repository in repositories for hook in repository["hooks"]]


def test_hooks_are_targets_of_make_that_continuous_integration_calls(
    root: Path, hooks: list[dict[str, object]]
) -> None:
    called = set(re.findall(r"^make (.*)$", (root / ".ci" / "run").read_text(), re.MULTILINE)[0].split())
    entries = [str(hook["entry"]) for hook in hooks]
    assert [entry.split()[0] for entry in entries] == ["make"] * len(hooks)
    assert {"lint", "types"} == {entry.split()[1] for entry in entries} <= called
    assert {hook["language"] for hook in hooks} == {"system"}  # nothing is fetched


def test_these_targets_use_what_the_constraints_pin(root: Path) -> None:
    makefile = (root / "Makefile").read_text()
    for target, tool in {"lint": "ruff", "types": "mypy"}.items():
        recipe = re.search(rf"^{target}: setup .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
        assert recipe
        assert all(line.startswith(f"$(BIN)/{tool}") for line in recipe[1].split("\t") if line)
        assert re.search(rf"^{tool}==", (root / "constraints.txt").read_text(), re.MULTILINE)


def test_pre_commit_takes_the_file(root: Path) -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-config", root / ".pre-commit-config.yaml"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
