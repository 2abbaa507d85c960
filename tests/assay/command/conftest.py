"""Studies of small scripts, that need nothing but Python."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from assay.command.study import CommandStudy, command_study
from assay.experiment.execution import execute_trial
from assay.experiment.trial import Trial, validation_trial, variant_trial
from assay.store.store import Store

HEAD = """\
import argparse, json, os, sys
parser = argparse.ArgumentParser()
for name in ("--seed", "--width", "--out", "--resume", "--split"):
    parser.add_argument(name)
options = parser.parse_args()
"""
GOOD = HEAD + 'json.dump({"loss": int(options.width) + int(options.seed)}, open(f"{options.out}/m.json", "w"))\n'
DOCUMENT: Mapping[str, Any] = {
    "command": "python train.py --seed {seed} --width {width} --out {output}",
    "parameters": {"width": 8},
    "results": "m.json",
    "metrics": {"loss": {"better": "smaller"}},
}


@pytest.fixture
def make_study(tmp_path: Path) -> Callable[..., CommandStudy]:
    """A function that writes a script and its YAML; `changes` replace keys of the latter, None takes one away."""

    def make(script: str = GOOD, **changes: Any) -> CommandStudy:
        folder = tmp_path / "study"
        folder.mkdir(exist_ok=True)
        (folder / "train.py").write_text(script)
        raw = {key: value for key, value in {**DOCUMENT, **changes}.items() if value is not None}
        text = yaml.safe_dump(raw, sort_keys=False)
        (folder / "tiny.yaml").write_text(text)
        study = command_study(text, str(folder / "tiny.yaml"))
        study._environment["PATH"] = f"{Path(sys.executable).parent}:{study._environment['PATH']}"
        return study

    return make


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty one."""
    return Store(str(tmp_path / "store"))


def trial_of(study: CommandStudy, seed: int = 1, split: str = "test", **changes: Any) -> Trial:
    """A row with changes."""
    config = study.schema.compose([f"{name}={value}" for name, value in changes.items()])
    return (validation_trial if split == "val" else variant_trial)(study, "ours", config, seed)


def loss_of(study: CommandStudy, store: Store, trial: Trial) -> float:
    """Run a trial; its only value."""
    execute_trial(study, trial, store)
    entry = store.find("stages", trial.stages[-1].fingerprint)
    assert entry
    state = store.read(entry, study.state_file)
    (_, values), *_ = study.measure(trial.config, state, trial.split).samples
    return values["loss"]
