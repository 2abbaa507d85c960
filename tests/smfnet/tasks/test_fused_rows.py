"""What a row of a run fuses: kept for its network and its sources alone, and by a plan only counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from assay.config.changes import apply
from assay.config.errors import UserError
from smfnet.cli.tasks import main
from smfnet.config.model import ModelConfig
from smfnet.config.test_step import InferConfig
from smfnet.fusion.fuse import Fuser
from smfnet.fusion.rules import fusion_of
from smfnet.model import build
from smfnet.tasks.fused_rows import FusedRow, fused_rows
from smfnet.tasks.given import known_scenes
from smfnet.tasks.images import fused_by

CPU = torch.device("cpu")
NETWORK = apply(ModelConfig(), {"network.width": 4, "network.heads": 1, "graph.enabled": False})
PARTS = ("train", "test")


def _fuser(seed: int) -> Fuser:
    return Fuser("ours", build(NETWORK, seed=seed).eval().fuse, InferConfig(), CPU, model=NETWORK)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """A run of one trained row, whose network a test may change; the current folder is a test's own."""
    trial = SimpleNamespace(row="ours", seed=1, id="ours-seed1")
    record = SimpleNamespace(base_row="ours", trials=[trial])
    run = SimpleNamespace(record=record, seeds=lambda row: [1], fuser=_fuser(1))
    monkeypatch.setattr("smfnet.tasks.fused_rows.fusers_of_run", lambda *_: [run.fuser])
    monkeypatch.setattr("smfnet.cli.readers.trained.run_in", lambda folder: run if folder else None)
    monkeypatch.chdir(tmp_path)
    return run


def _row(run: SimpleNamespace, root: Path) -> FusedRow:
    scenes = {part: known_scenes("msrs", root, part)[1] for part in PARTS}
    (row,) = fused_rows(run, (), "msrs", scenes, ("test",))
    return row


def _other(world: Path, write_world: Callable[[Path], Path]) -> Path:
    """A second root with the same names and other pixels in one training picture."""
    (world / "other").mkdir()
    root = write_world(world / "other")
    picture = root / "msrs" / "train" / "vi" / "00002D.png"
    Image.fromarray(255 - np.asarray(Image.open(picture))).save(picture)
    return root


def test_another_root_and_another_network_have_images_of_their_own(
    world: Path, run: SimpleNamespace, write_world: Callable[[Path], Path]
) -> None:
    rows = [_row(run, world), _row(run, _other(world, write_world))]
    run.fuser = _fuser(2)
    rows.append(_row(run, world))
    assert len({row.method.place for row in rows}) == 3
    assert {row.method.name for row in rows} == {"ours (seed 1)"}
    for row in (rows[0], rows[2]):
        row.fuse()
        image = np.asarray(Image.open(row.method.place / "test" / "00006N.png"))
        np.testing.assert_array_equal(image, fused_by(row.fuser, row.scenes["test"]["00006N"]))


def test_images_that_are_there_stay_and_one_that_was_changed_is_fused_again(world: Path, run: SimpleNamespace) -> None:
    _row(run, world).fuse()
    files = sorted(_row(run, world).method.place.rglob("*.png"))
    assert [file.name for file in files] == ["00004D.png", "00005D.png", "00006N.png", "00007N.png"]
    assert not _row(run, world).missing
    before = files[1].read_bytes()
    Image.open(files[1]).rotate(180).save(files[1])
    files[2].write_bytes(before[:100])
    again = _row(run, world)
    assert list(again.missing) == files[1:3]
    again.fuse()
    assert files[1].read_bytes() == before
    assert not _row(run, world).missing


def test_a_row_without_training_is_refused(world: Path, run: SimpleNamespace) -> None:
    run.fuser = Fuser("mean of both", *fusion_of("mean", InferConfig()), CPU, rule="mean")
    with pytest.raises(UserError, match="--rows ours: it needs no training, and every table has it: leave it out"):
        _row(run, world)


@pytest.mark.parametrize(("protocol", "images"), [("frozen", 4), ("retrained", 7)])
def test_a_plan_counts_what_would_be_fused_and_writes_nothing(
    world: Path, run: SimpleNamespace, capsys: pytest.CaptureFixture[str], protocol: str, images: int
) -> None:
    pytest.importorskip("transformers")
    before = sorted(world.rglob("*"))
    words = ["segment", "--data=msrs", "--root=.", "--run=x", f"--protocol={protocol}", "--plan", "reader.width=4"]
    assert main(words) == 0
    told = capsys.readouterr().out
    (line,) = (line for line in told.splitlines() if "would be fused" in line)
    assert line.startswith(f"ours (seed 1): {images} images would be fused first, into runs/fused/ours-seed1-")
    assert told.count("ours (seed 1)") > 1  # its row is in the plan
    assert sorted(world.rglob("*")) == before
