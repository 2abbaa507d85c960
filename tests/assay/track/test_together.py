"""A real run, tracked by the three packages at once: each has the numbers of its table, in all digits that it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

import assay
from assay.track.mlflow import MLflow
from tests.assay.track.readers import mlflow_runs, mlflow_server, single, tensorboard_values, wandb_runs

pytestmark = pytest.mark.slow  # Ray starts

ROWS, METRICS = ("ours", "linear"), ("loss", "accuracy")


@pytest.fixture(scope="module")
def run(root: Path, tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    """Two rows of the digits under two seeds."""
    for package in ("mlflow", "tensorboard", "wandb"):
        pytest.importorskip(package, reason="the trackers are not installed: make trackers has them")
    folder = tmp_path_factory.mktemp("digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("NETRC", str(folder / "no-netrc"))
        for name in ("DATA", "CACHE", "CONFIG"):
            patch.setenv(f"WANDB_{name}_DIR", str(folder / name.lower()))
        asked = {"rows": ROWS, "seeds": 2, "output": folder / "run", "progress": False}
        study = root / "examples" / "digits" / "digits.yaml"
        first = assay.ablate(study, **asked, track=["tensorboard", "mlflow", "wandb"])
        count = _files(first.folder)
        again = assay.ablate(study, **asked, track=["tensorboard", "mlflow", "wandb"])
        assert _files(again.folder) == count  # nothing is written twice
    return again


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("track/**/*"))


def _by_seed(run: assay.Run) -> dict[tuple[str, int, str], float]:
    means = run.measurements().groupby(["row", "seed", "metric"])["value"].mean().to_dict()
    assert len(means) == len(ROWS) * 2 * len(METRICS)
    return means


def _table(run: assay.Run) -> dict[str, float]:
    return {f"{metric}/{row}": run.table().loc[row, metric] for row in ROWS for metric in METRICS}


def test_tensorboard_has_the_numbers_of_the_table(run: assay.Run) -> None:
    root = run.folder / "track" / "tensorboard"
    for (row, seed, metric), value in _by_seed(run).items():
        assert tensorboard_values(root / row / f"seed{seed}")[metric] == [(0, single(value))]
    summary = tensorboard_values(root / "summary")
    assert {name: summary[name] for name in _table(run)} == {
        name: [(0, single(value))] for name, value in _table(run).items()
    }


def test_mlflow_has_the_numbers_of_the_table_in_its_file_and_on_a_server(
    run: assay.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    for name, value in MLflow.environment.items():
        monkeypatch.setenv(name, value)
    place = run.folder.resolve() / "track" / "mlflow"
    backend = f"sqlite:///{place}/mlflow.db"
    with mlflow_server(backend, place / "artifacts", tmp_path) as address:
        for uri in (backend, address):
            runs = mlflow_runs(MlflowClient(tracking_uri=uri))
            trials = {
                (each.data.tags["assay.row"], each.data.params["seed"]): each
                for each in runs.values()
                if "assay.row" in each.data.tags
            }
            found = {
                (row, int(seed), metric): trials[row, seed].data.metrics[metric]
                for row, seed in trials
                for metric in METRICS
            }
            assert found == _by_seed(run)
            whole = runs[run.folder.name]
            assert {name: whole.data.metrics[name] for name in _table(run)} == _table(run)
            assert {each.data.tags["mlflow.parentRunId"] for each in trials.values()} == {whole.info.run_id}


def test_wandb_was_sent_the_numbers_of_the_table(run: assay.Run) -> None:
    runs = wandb_runs(run.folder / "track")
    summary = runs.pop("summary")["summary"]
    assert {name: summary[name] for name in _table(run)} == _table(run)
    found = {
        (each["config"]["assay"]["row"], each["config"]["seed"], metric): each["summary"][metric]
        for each in runs.values()
        for metric in METRICS
    }
    assert found == _by_seed(run)
