"""A new component, loss term and metric, added to a copy of the code in as many places as the recipes say, and run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Changes = Mapping[str, Any]
Made = Callable[..., list[dict[str, Any]]]

TINY = [
    *(
        "network.width=4",
        "network.heads=1",
        "base.transformer.groups=1",
        "base.transformer.pairs=1",
        "train.device=cpu",
    ),
    *("train.epochs=2", "train.stage1_epochs=1", "train.batch=2", "train.steps_per_epoch=1", "data.val_pairs=1"),
    *("data.patch=16", "data.stride=16", "data.scenes={train_pairs: 2, test_pairs: 2, height: 32, width: 40}"),
]
# What every row's stages are called in the store, the digest of its last weights, and its metrics.
MAKE = """
import hashlib, io, json, sys
import pandas as pd
from assay.config.changes import apply
from assay.experiment.execution import execute_trial
from assay.experiment.trial import variant_trial
from assay.store.store import STAGES, TRIALS, Store
from smfnet.config.schema import compose
from smfnet.study import study

words, rows, folder = json.load(sys.stdin)
store, made = Store(folder), []
for changes in rows:
    trial = variant_trial(study(), "row", apply(compose(words), changes), 1)
    execute_trial(study(), trial, store)
    names = [named.fingerprint for named in trial.stages]
    weights = store.read(store.find(STAGES, names[-1]), "state.safetensors")
    table = pd.read_parquet(io.BytesIO(store.read(store.find(TRIALS, trial.fingerprint), "results.parquet")))
    metrics = table.groupby("metric")["value"].mean().to_dict()
    made.append({"stages": names, "weights": hashlib.sha256(weights).hexdigest(), "metrics": metrics})
print(json.dumps(made))
"""


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """Engine and study, to be changed."""
    for package in ("assay", "smfnet", "search_spaces", "ablations", "analysis"):
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def _python(copy: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=env, input=given, capture_output=True, text=True, timeout=300
    )


def _made(copy: Path, *rows: Changes) -> list[dict[str, Any]]:
    """Names and weights of rows that are trained with the copy."""
    run = _python(copy, "-c", MAKE, given=json.dumps([TINY, rows, str(copy / "store")]))
    assert run.returncode == 0, run.stderr
    made: list[dict[str, Any]] = json.loads(run.stdout)
    return made


def _insert(path: Path, before: str, line: str) -> None:
    """One line, above the one line that begins so."""
    lines = path.read_text().splitlines(keepends=True)
    (place,) = (number for number, each in enumerate(lines) if each.startswith(before))
    path.write_text("".join([*lines[:place], f"{line}\n", *lines[place:]]))


EDGES = '''"""Contrast of the fused image."""
from torch import Tensor

def contrast_kept(fused: Tensor, ir: Tensor, vi: Tensor) -> Tensor:
    return (fused.std((1, 2, 3)) - 0.5 * (ir + vi).std((1, 2, 3))).abs()
'''
TERM = '    contrast: float = term("smfnet.losses.contrast:contrast_kept", STAGE2)'


@pytest.mark.slow
def test_a_loss_term_is_one_function_and_one_entry(copy: Path) -> None:
    (before,) = _made(copy, {})
    (copy / "smfnet" / "losses" / "contrast.py").write_text(EDGES)
    _insert(copy / "smfnet" / "config" / "loss.py", "    delta: float", TERM)
    off, five, fifty = _made(copy, *({"loss.contrast": weight} for weight in (0, 5, 50)))
    assert off == before  # nothing is retired, and nothing is trained anew
    assert len({row["stages"][1] for row in (off, five, fifty)}) == 3
    assert len({row["weights"] for row in (off, five, fifty)}) == 3
    assert len({row["stages"][0] for row in (off, five, fifty)}) == 1  # it is not in the loss of stage I
    plan = _python(copy, "-m", "smfnet.cli.search", "loss.contrast", "alpha4=1:2", "--plan", "--trials=3", *TINY)
    assert plan.returncode == 0, plan.stderr
    assert "loss.contrast" in plan.stdout
    assert "0:10:linear" in _python(copy, "-m", "smfnet.cli.search", "--list").stdout


MINE = '''"""Somebody's base branch."""
from torch import Tensor, nn

from assay.config.tables import Plain
from smfnet.config.model import NetworkConfig

class Mine(nn.Module):
    def __init__(self, network: NetworkConfig, config: Plain) -> None:
        super().__init__()
        self.point = nn.Conv2d(network.width, network.width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.point(x)
'''
KIND = '    mine: Plain = made_by("smfnet.model.branches.mine:Mine")'


@pytest.mark.slow
def test_a_component_is_one_class_and_one_entry(copy: Path) -> None:
    (before,) = _made(copy, {})
    (copy / "smfnet" / "model" / "branches" / "mine.py").write_text(MINE)
    _insert(copy / "smfnet" / "config" / "slots.py", "    single_attention: ", KIND)
    ours, mine = _made(copy, {}, {"base.kind": "mine"})
    assert ours == before
    assert not set(mine["stages"]) & set(ours["stages"])
    assert mine["weights"] != ours["weights"]
    (copy / "smfnet" / "model" / "branches" / "mine.py").write_text(MINE.replace("self.point(x)", "2 * self.point(x)"))
    again, other = _made(copy, {}, {"base.kind": "mine"})
    assert again == ours
    assert not set(other["stages"]) & set(mine["stages"])  # its code is followed


MIDDLE = '''"""Middle of the grey levels."""
from torch import Tensor

def middle(fused: Tensor, sources: Tensor) -> Tensor:
    return fused.double().flatten(1).median(dim=1).values + 0 * sources.double().sum((1, 2, 3))
'''
METRIC = '    (Metric("MID", better="none", unit="grey levels"), "smfnet.metrics.middle:middle"),'


@pytest.mark.slow
def test_a_metric_is_one_function_and_one_entry(copy: Path) -> None:
    (before,) = _made(copy, {})
    (copy / "smfnet" / "metrics" / "middle.py").write_text(MIDDLE)
    _insert(copy / "smfnet" / "config" / "metrics" / "tables.py", ")", METRIC)
    (after,) = _made(copy, {})
    mid = after["metrics"].pop("MID")
    assert 0 <= mid <= 255
    assert after == before  # what is trained is not trained again, and the others measure what they did
    (copy / "smfnet" / "metrics" / "middle.py").write_text(MIDDLE.replace("+ 0 *", "+ 1e-9 *"))
    (again,) = _made(copy, {})
    assert again["metrics"]["MID"] > mid  # its code is followed
    asked = _python(copy, "-m", "smfnet.cli.ablate", "ours", "--plan", "metrics.table=[MID,EN]", *TINY)
    assert asked.returncode == 0, asked.stderr


def test_an_unknown_kind_is_one_line_with_the_choices(copy: Path) -> None:
    run = _python(copy, "-m", "smfnet.cli.ablate", "ours", "--plan", "fuse.detail.kind=mine")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.endswith("fuse.detail.kind: expected one of invertible, transformer; got 'mine'\n")
