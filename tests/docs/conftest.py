"""Clones of the repository in which a recipe can be followed, and what a command does there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Command = Callable[..., CompletedProcess[str]]
Names = Callable[[Path], list[str]]

# Trials that take a second.
TINY = [
    *("network.width=4", "network.heads=1", "data.patch=16", "data.stride=16", "data.limit_test=3"),
    "data.scenes={train_pairs: 2, test_pairs: 3, height: 32, width: 40}",
    "train={epochs: 3, stage1_epochs: 1, batch: 2, steps_per_epoch: 2, device: cpu, checkpoint_s: 0}",
    "seeds=1",
]
PARTS = ("ablations", "analysis", "assay", "platform", "search_spaces", "smfnet")


def cloned(root: Path, folder: Path) -> Path:
    """What of the repository a command needs, in a folder."""
    for part in PARTS:
        shutil.copytree(root / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", folder)  # by which a clone is known
    return folder


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """A clone to follow a recipe in."""
    return cloned(root, tmp_path)


@pytest.fixture(scope="session")
def command() -> Command:
    """`command(clone, "-m", "platform.ablate", ...)`: this Python in the clone, with the clone's packages."""

    def run(clone: Path, *words: str) -> CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")}
        environment |= {"OMP_NUM_THREADS": "1", "COLUMNS": "200"}
        return subprocess.run([sys.executable, *words], cwd=clone, env=environment, capture_output=True, text=True)

    return run


@pytest.fixture(scope="session")
def names(command: Command) -> Names:
    """Names of the stages of every row of Table 5, as a plan in the clone prints them."""

    def planned(clone: Path) -> list[str]:
        done = command(clone, "-m", "platform.ablate", "--all", "--plan", *TINY)
        assert done.returncode == 0, done.stderr
        return re.findall(r"^  ([0-9a-f]{12} \w+), \d+ epochs", done.stdout, re.MULTILINE)

    return planned


@pytest.fixture(scope="session")
def names_before(root: Path, tmp_path_factory: pytest.TempPathFactory, names: Names) -> list[str]:
    """The same where no recipe was followed."""
    return names(cloned(root, tmp_path_factory.mktemp("untouched")))
