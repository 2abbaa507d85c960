"""A run that was exported fuses elsewhere, without its storage, the images that it measured."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import assay
from assay.config.changes import apply
from assay.config.compose import to_yaml
from assay.experiment.execution import execute_trial
from assay.experiment.provenance import provenance
from assay.experiment.trial import variant_trial
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord
from assay.store.store import TRIALS, Store
from smfnet.cli.fuse import main as fuse
from smfnet.cli.main import main
from smfnet.config.root import Config
from smfnet.data.images import png
from smfnet.study import study
from tests.smfnet.tiny import TINY

ROWS = (RowRecord("ours", "Ours"), RowRecord("swap", "Swapped", changes={"fuse.swap": True}))


def _images(folder: Path, shape: tuple[int, ...], seed: int) -> None:
    folder.mkdir(parents=True)
    coarse = Image.fromarray(np.random.default_rng(seed).integers(0, 256, (5, 6, *shape[2:]), dtype=np.uint8))
    coarse.resize((shape[1], shape[0]), Image.Resampling.BICUBIC).save(folder / "a.png")


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A folder that holds run.zip and source images, and what the rows had fused; all else of the run is lost."""
    home, kept = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("kept")
    for part in ("train", "test"):
        _images(home / part / "ir", (24, 28), 1)
        _images(home / part / "vi", (24, 28, 3), 2)
    with contextlib.chdir(home):
        fused = _trained(apply(Config(), {**TINY, "data.root": str(home), "storage": "runs/store", "seed": 5}))
        assert main(["export", "runs/run", str(kept / "run.zip")]) == 0
        if importlib.util.find_spec("onnxscript"):
            assert main(["export", "runs/run", "--row", "swap", "--models", str(kept / "models.zip")]) == 0
    (home / "test").rename(kept / "mine")
    shutil.rmtree(home)
    return kept, fused


def _trained(config: Config) -> dict[str, bytes]:
    """Write runs/run with its storage beside it; the fused image of every row."""
    store, run = Store(config.storage), RunFolder("runs/run")
    trials = [variant_trial(study(), row.name, apply(config, row.changes), 5) for row in ROWS]
    for trial in trials:
        execute_trial(study(), trial, store)
        run.write_results(trial.id, [(trial.row, 5, "a", "EN", 7.0)])
    run.write_config(to_yaml(config))
    done = [TrialRecord(t.id, t.row, t.seed, "finished", stages=tuple(s.fingerprint for s in t.stages)) for t in trials]
    command = ("python", "-m", "platform.ablate", "ours", "swap")
    about = {"provenance": provenance(study(), config, {}), "metrics": study().metrics}
    run.write_record(RunRecord("ablation", "two", command, ROWS, tuple(done), ("EN",), **about))
    return {entry.record.row: store.read(entry, "images/a.png") or b"" for entry in store.entries(TRIALS)}


@pytest.fixture
def exported(
    packed: tuple[Path, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, bytes]:
    """`there/run` in the current folder, beside source images in `mine`; what the rows had fused."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(packed[0] / "mine", tmp_path / "mine")
    assert main(["export", str(packed[0] / "run.zip"), "--unpack", "there"]) == 0
    return packed[1]


def _fuse(run: str, row: str) -> int:
    return fuse([run, row, "--ir", "mine/ir", "--vi", "mine/vi", "--output", "fused"])


def test_it_fuses_what_it_measured(exported: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _fuse("there/run", "ours") == 0
    assert png(np.asarray(Image.open(tmp_path / "fused/a.png"))) == exported["ours"]
    (tmp_path / "there").rename(tmp_path / "moved")
    shutil.rmtree(tmp_path / "fused")
    assert _fuse(str(tmp_path / "moved/run"), "ours") == 0
    assert png(np.asarray(Image.open(tmp_path / "fused/a.png"))) == exported["ours"]


def test_weights_that_were_left_behind_are_told_with_the_command_that_makes_them(
    exported: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert _fuse("there/run", "swap") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "the weights of swap-seed5 (stage " in line
    assert "with another storage=DIR, which trains them anew: python -m platform.ablate ours swap" in line


@pytest.mark.slow
def test_its_report_and_its_table_are_made_there_by_the_commands(
    exported: dict[str, bytes], root: Path, tmp_path: Path
) -> None:
    environment = os.environ | {"PYTHONPATH": str(root)}
    for command in (["platform.report", "there/run"], ["analysis.table5", "there/run"]):
        done = subprocess.run([sys.executable, "-m", *command], cwd=tmp_path, env=environment, capture_output=True)
        assert done.returncode == 0, done.stderr
    assert b"Ours" in (tmp_path / "there/run/table.md").read_bytes()


def test_the_network_goes_with_it_as_an_onnx_file(packed: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """Another program gives what `fuse` of the unpacked run gives."""
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    run = assay.unpack(packed[0] / "models.zip", tmp_path)
    network = assay.load_run(run, study=study()).network("swap")
    session = onnxruntime.InferenceSession(run / "models/swap-seed5.onnx", providers=["CPUExecutionProvider"])
    images = {
        name: np.random.default_rng(place).random((1, 1, 30, 41), np.float32) for place, name in enumerate(("ir", "vi"))
    }
    (theirs,) = session.run(["fused"], images)
    with torch.inference_mode():
        ours = network.fuse(*map(torch.from_numpy, images.values()))
    np.testing.assert_allclose(theirs, ours, atol=1e-4)
