"""Trackers of our own making, and a study in a file that trains here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.experiment.source import Finished
from assay.experiment.task import train_and_measure
from assay.store.store import Store
from assay.track import known, trackers
from assay.track.tracked import TrackedGroup, TrackedTrial

FAKES = Path(__file__).parent


@pytest.fixture(autouse=True)
def nobody_is_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine's user has said to trackers does not count here, and nobody is asked over a network."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("API_KEY", "MODE", "DIR", "PROJECT", "ENTITY", "BASE_URL", "RUN_GROUP", "IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(f"WANDB_{name}", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake trackers by name: `recording`, `raising`, `closed`, `hanging` and `dying`."""
    monkeypatch.syspath_prepend(str(FAKES))
    monkeypatch.setenv("PYTHONPATH", str(FAKES))
    for name in ("Recording", "Raising", "Closed", "Hanging", "Dying"):
        monkeypatch.setitem(known.TRACKERS, name.lower(), f"fake_trackers:{name}")
    monkeypatch.setattr(known, "_is_installed", lambda package: True)
    monkeypatch.setattr(trackers, "PATIENCE_S", 30.0)


@pytest.fixture
def group(tmp_path: Path) -> TrackedGroup:
    """Of a run in `tmp_path / "run"`."""
    place = tmp_path / "run" / "track"
    place.mkdir(parents=True)
    return TrackedGroup("0123456789abcdef", "run", "digits", "ablation", str(place))


@pytest.fixture
def trial() -> TrackedTrial:
    """A finished trial, with numbers that no single precision holds."""
    return TrackedTrial(
        id="no_bias-seed7",
        row="no_bias",
        seed=7,
        fingerprint=32 * "a",
        state="finished",
        seconds=2.5,
        parameters={"net.bias": False, "optim.lr": 0.1, "name": "it's", "nothing": None, "seed": 7},
        varied=("net.bias",),
        metrics={"accuracy": 0.1 + 0.2, "mAP@50": 1 / 3},
        curves={
            "stage1/ssim": ((0, 1 / 7), (1, 1 / 9)),
            "stage1/gram": ((0, 2 / 7), (1, 2 / 9)),
            "stage2/x": ((0, 0.3),),
        },
    )


def told_in(run: Path) -> list[tuple[str, dict[str, Any]]]:
    """What `Recording` was told of a run, in order."""
    path = run / "track" / "told.jsonl"
    return [tuple(json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def told() -> Callable[[Path], list[tuple[str, dict[str, Any]]]]:
    return told_in


@pytest.fixture
def train_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs train here, one trial after the other, without Ray."""

    def execute(study: Any, source: Any, storage: str, *_: Any, task: Any = train_and_measure, **__: Any) -> None:
        store = Store(storage)
        while (trial := source.next()) is not Finished:
            source.finished(trial, task(study, trial, store, lambda report, at=trial: source.progressed(at, report)))

    monkeypatch.setattr("assay.cluster.execute_trials", execute)
