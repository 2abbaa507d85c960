"""What MLflow's own client finds is what was told, digit for digit, in a file and on a server."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assay.track.mlflow import MLflow, _named
from assay.track.tracked import TrackedGroup, TrackedSummary, TrackedTrial
from tests.assay.track.readers import mlflow_runs, mlflow_server

if TYPE_CHECKING:
    from mlflow import MlflowClient


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the process that a tracker has."""
    pytest.importorskip("mlflow", reason="the extra mlflow is not installed: make trackers has it")
    for name, value in MLflow.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def client(quiet: None, group: TrackedGroup) -> MlflowClient:
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=MLflow.where(group))


def test_names_are_such_as_mlflow_takes_and_stay_apart() -> None:
    given = {"mAP@50": 1, "mAP_50": 2, "mAP%50": 3, "/etc/../x": 4, "a//b": 5, "w/o x": 6, "": 7}
    assert _named(given) == {"mAP_50": 1, "mAP_50_2": 2, "mAP_50_3": 3, "x": 4, "a/b": 5, "w/o x": 6, "_": 7}


def test_where_it_is_shows_no_secret(group: TrackedGroup, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MLflow.look(group) == f"mlflow ui --backend-store-uri sqlite:///{group.place}/mlflow/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:secret@tracking.example.org")
    assert MLflow.where(group) == "https://***@tracking.example.org"
    assert MLflow.look(group) == "MLflow at https://***@tracking.example.org"


def test_a_trial_is_a_run_below_that_of_the_whole(
    group: TrackedGroup, trial: TrackedTrial, client: MlflowClient
) -> None:
    tracker = MLflow(group)
    tracker.trial(trial)
    runs = mlflow_runs(client)
    assert runs.keys() == {"run", trial.id}
    run = runs[trial.id]
    assert run.data.tags["mlflow.parentRunId"] == runs["run"].info.run_id
    assert (run.data.tags["assay.row"], run.info.status) == ("no_bias", "FINISHED")
    assert run.data.params == {name: str(value) for name, value in trial.parameters.items()}
    assert {name: run.data.metrics[name] for name in ("accuracy", "mAP_50")} == {"accuracy": 0.1 + 0.2, "mAP_50": 1 / 3}
    for name, line in trial.curves.items():
        history = client.get_metric_history(run.info.run_id, name)
        assert sorted((each.step, each.value) for each in history) == list(line)
    assert runs["run"].info.status == "RUNNING"
    tracker.close()
    assert mlflow_runs(client)["run"].info.status == "KILLED"
    assert Path(group.place, "mlflow", "mlflow.db").is_file()


def test_a_trial_that_is_told_again_is_the_same_run(
    group: TrackedGroup, trial: TrackedTrial, client: MlflowClient
) -> None:
    MLflow(group).trial(replace(trial, state="failed", reason="it fell", metrics={}, curves={}))
    assert mlflow_runs(client)[trial.id].info.status == "FAILED"
    for _ in range(2):
        MLflow(group).trial(trial)
    changed = replace(trial, parameters={**trial.parameters, "optim.lr": 0.2}, metrics={"accuracy": 0.5})
    MLflow(group).trial(changed)  # a parameter that was logged cannot be changed, and must not fail it
    runs = mlflow_runs(client)
    assert runs.keys() == {"run", trial.id}
    assert (runs[trial.id].info.status, runs[trial.id].data.metrics["accuracy"]) == ("FINISHED", 0.5)
    assert len(client.get_metric_history(runs[trial.id].info.run_id, "stage1/ssim")) == 2


def test_the_end_has_table_words_files_and_pictures(group: TrackedGroup, tmp_path: Path, client: MlflowClient) -> None:
    for name in ("a.png", "table.md"):
        (tmp_path / name).write_text("content")
    summary = TrackedSummary(
        metrics={f"m{n}/ours": n / 7 for n in range(1001)},
        words={"EN/ours": "better"},
        tables={"table": {"columns": ["row"], "lines": [["ours"]]}},
        texts={"table": "| a |"},
        images={"ours/a": str(tmp_path / "a.png")},
        files={"table.md": str(tmp_path / "table.md")},
    )
    tracker = MLflow(group)
    tracker.summary(summary)
    tracker.close()
    run = mlflow_runs(client)["run"]
    assert run.data.metrics == summary.metrics
    assert (run.data.tags["verdict/EN/ours"], run.data.tags["mlflow.note.content"]) == ("better", "| a |")
    assert run.info.status == "FINISHED"
    there = {
        each.path for folder in ("", "images/ours", "tables") for each in client.list_artifacts(run.info.run_id, folder)
    }
    assert {"table.md", "images/ours/a.png", "tables/table.json"} <= there
    local = client.download_artifacts(run.info.run_id, "tables/table.json", str(tmp_path))
    assert json.loads(Path(local).read_text()) == summary.tables["table"]
    assert Path(run.info.artifact_uri.removeprefix("file://")).is_relative_to(group.place)


@pytest.fixture
def server(quiet: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server with a store of its own, which the user has named."""
    with mlflow_server(f"sqlite:///{tmp_path}/served.db", tmp_path / "served", tmp_path) as address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        yield address


def test_a_server_has_the_same(group: TrackedGroup, trial: TrackedTrial, tmp_path: Path, server: str) -> None:
    from mlflow import MlflowClient

    (tmp_path / "table.md").write_text("| a |")
    tracker = MLflow(group)
    tracker.trial(trial)
    tracker.summary(TrackedSummary(metrics={"EN/ours": 1 / 3}, files={"table.md": str(tmp_path / "table.md")}))
    client = MlflowClient(tracking_uri=server)
    runs = mlflow_runs(client)
    assert runs[trial.id].data.metrics["accuracy"] == 0.1 + 0.2
    assert runs["run"].data.metrics == {"EN/ours": 1 / 3}
    assert [each.path for each in client.list_artifacts(runs["run"].info.run_id)] == ["table.md"]
    assert not Path(group.place, "mlflow").exists()


def test_a_server_that_is_not_there_is_soon_told(
    quiet: None, group: TrackedGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.exceptions import MlflowException

    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(MlflowException, match="Max retries exceeded"):
            MLflow(group)
