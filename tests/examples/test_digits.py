"""The example of a command: a plain script and a few lines of YAML, as a user would run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from assay.store.run.folder import RunFolder
from assay.studies import load_study

MOST_LINES = 25


@pytest.fixture(scope="module")
def example(root: Path) -> Path:
    """The folder of the example."""
    return root / "examples" / "digits"


def test_it_needs_few_lines_of_yaml(example: Path) -> None:
    lines = (example / "digits.yaml").read_text().splitlines()
    assert len([line for line in lines if line.strip() and not line.lstrip().startswith("#")]) <= MOST_LINES


def test_its_script_knows_nothing_of_us(example: Path) -> None:
    text = (example / "train.py").read_text()
    assert "assay" not in text
    assert "smfnet" not in text


def test_its_yaml_is_a_study(example: Path) -> None:
    study = load_study(str(example / "digits.yaml"))
    assert study.size(study.schema.config(), "val")
    assert {metric.name: metric.better for metric in study.metrics} == {"loss": "smaller", "accuracy": "larger"}


@pytest.mark.slow
def test_its_default_table_shows_a_row_that_is_worse(example: Path, root: Path, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    shutil.copytree(example, tmp_path / "digits", ignore=shutil.ignore_patterns("__pycache__", "runs"))
    command = [sys.executable, "-m", "assay.cli.main", "ablate", "--study", "digits/digits.yaml", "--all"]
    environment = os.environ | {"PYTHONPATH": str(root), "RAY_memory_monitor_refresh_ms": "0"}
    done = subprocess.run(
        [*command, "--output", "run"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr
    assert "▼" in done.stdout
    table = pd.read_csv(tmp_path / "run" / "table.csv").set_index("row")
    assert table.loc["linear", "loss_verdict"] == "worse"
    assert RunFolder(tmp_path / "run").record.sample == "digit"
    assert "on the same digits" in done.stdout
    assert sorted(path.name for path in (tmp_path / "digits").iterdir()) == ["digits.yaml", "train.py"]
    again = subprocess.run(
        [*command, "--output", "run"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100
    )
    assert again.returncode == 0, again.stderr
    assert "reused 16 stages" in again.stdout
