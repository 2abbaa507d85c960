"""What W&B was sent is what was told, digit for digit: read from the file that it would upload, with its own reader."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assay.track.tracked import TrackedGroup, TrackedSummary, TrackedTrial
from assay.track.wandb import WandB, _by_stage
from tests.assay.track.readers import wandb_runs

NEEDED = "the extra wandb is not installed: make trackers has it"


def test_nobody_is_contacted_whom_the_user_has_not_named(
    group: TrackedGroup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert WandB.where(group) == f"offline {group.place} digits"
    (tmp_path / "no-netrc").write_text("machine api.wandb.ai login user password 0123\n")
    assert WandB.where(group) == "online api.wandb.ai  digits"
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
    assert WandB.where(group).startswith("offline")
    monkeypatch.setenv("WANDB_API_KEY", "0123")
    assert WandB.where(group) == "online wandb.example.org  digits"
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert WandB.where(group).startswith("offline")
    assert WandB.look(group) == f"wandb sync {group.place}/wandb/offline-run-* sends to W&B what was kept"


def test_curves_of_a_stage_share_their_epochs(trial: TrackedTrial) -> None:
    assert _by_stage(trial) == {
        "stage1": {0: {"stage1/ssim": 1 / 7, "stage1/gram": 2 / 7}, 1: {"stage1/ssim": 1 / 9, "stage1/gram": 2 / 9}},
        "stage2": {0: {"stage2/x": 0.3}},
    }


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in the process that a tracker has, with W&B's own folders apart."""
    pytest.importorskip("wandb", reason=NEEDED)
    for name, value in WandB.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("DATA", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"WANDB_{name}_DIR", str(tmp_path / name.lower()))


def test_a_trial_is_a_run_in_the_group(offline: None, group: TrackedGroup, trial: TrackedTrial) -> None:
    WandB(group).trial(trial)
    (run,) = wandb_runs(Path(group.place)).values()
    assert (run["name"], run["group"], run["exit"]) == ("no_bias-seed7", "run-012345", 0)
    assert {name: run["config"][name] for name in trial.parameters} == dict(trial.parameters)
    assert {name: run["summary"][name] for name in trial.metrics} == dict(trial.metrics)
    curves: dict[str, list[tuple[int, float]]] = {}
    for line in run["history"]:
        for name in line.keys() & trial.curves.keys():
            curves.setdefault(name, []).append((line[f"{name.partition('/')[0]}/epoch"], line[name]))
    assert {name: tuple(line) for name, line in curves.items()} == dict(trial.curves)


def test_a_trial_that_is_told_again_replaces_its_run(offline: None, group: TrackedGroup, trial: TrackedTrial) -> None:
    WandB(group).trial(replace(trial, state="failed", reason="it fell", metrics={}, curves={}))
    (failed,) = wandb_runs(Path(group.place)).values()
    assert failed["exit"] == 1
    WandB(group).trial(trial)
    folders = list(Path(group.place, "wandb").glob("offline-run-*"))
    assert len(folders) == 1
    (run,) = wandb_runs(Path(group.place)).values()
    assert (run["id"], run["exit"], run["summary"]["accuracy"]) == (failed["id"], 0, 0.1 + 0.2)


def test_the_end_has_table_words_files_and_pictures(offline: None, group: TrackedGroup, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (4, 3), "red").save(tmp_path / "a.png")
    (tmp_path / "table.md").write_text("| a |")
    table = {"columns": ["row", "EN"], "lines": [["ours", 1 / 3], ["far", None]]}
    summary = TrackedSummary(
        metrics={"EN/ours": 1 / 3},
        words={"EN/far": "better"},
        tables={"table": table},
        images={"ours/a": str(tmp_path / "a.png")},
        files={"table.md": str(tmp_path / "table.md")},
    )
    WandB(group).summary(summary)
    run = wandb_runs(Path(group.place))["summary"]
    assert run["summary"]["EN/ours"] == 1 / 3
    assert run["summary"]["verdict/EN/far"] == "better"
    (folder,) = Path(group.place, "wandb").glob("offline-run-*")
    (kept,) = folder.glob("files/media/table/tables/*.json")
    read = json.loads(kept.read_text())
    assert (read["columns"], read["data"]) == (table["columns"], table["lines"])
    (picture,) = folder.glob("files/media/images/images/ours/*.png")
    assert Image.open(picture).getpixel((0, 0)) == (255, 0, 0)
    assert "table.md" in run["files"]
    assert (folder / "files" / "table.md").read_text() == "| a |"
