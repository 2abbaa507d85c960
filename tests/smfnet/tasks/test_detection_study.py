"""Detection as a study: a small detector learns to find a bright car, and the contract of every study holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.experiment.execution import execute_trial
from assay.experiment.suite import suite_of
from assay.experiment.trial import variant_trial
from assay.store.store import TRIALS, Store
from assay.store.tables import MEASURED, read_table
from assay.testing import StudyContract
from smfnet.tasks.config import FROZEN, RETRAINED
from smfnet.tasks.detection.config import PAPER, DetectionConfig, DetectorConfig
from smfnet.tasks.detection.network import RTDetr
from smfnet.tasks.detection.study import DetectionStudy

pytest.importorskip("transformers")
pytest.importorskip("scipy")
pytest.importorskip("faster_coco_eval")

SMALL = {
    "images.shrink": 1,
    "detector.width": 4,
    "detector.hidden": 16,
    "detector.heads": 2,
    "detector.layers": 1,
    "detector.queries": 8,
    "detector.denoising": 4,
    "detector.batch": 2,
    "train.epochs": 1,
    "train.device": "cpu",
}


class TestDetection(StudyContract):
    @pytest.fixture(autouse=True)
    def made(self, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of the small set."""
        monkeypatch.setattr(type(self), "study", DetectionStudy(), raising=False)
        monkeypatch.setattr(type(self), "changes", {**SMALL, "images.root": str(world)})


def _config(world: Path, **changes: object) -> DetectionConfig:
    return apply(DetectionStudy().schema.compose(), {**SMALL, "images.root": str(world), **changes})


def _means(config: DetectionConfig, store: Store) -> dict[str, float]:
    """Metric -> its mean over pictures, of a detector that is trained."""
    trial = variant_trial(study := DetectionStudy(), "row", config, 1)
    execute_trial(study, trial, store)
    entry = store.find(TRIALS, trial.fingerprint)
    assert entry is not None
    table = read_table(store.read(entry, "results.parquet") or b"", MEASURED)
    return table.groupby("metric")["value"].mean().to_dict()


def test_a_detector_that_learned_finds_what_one_that_did_not_does_not(world: Path, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    size = {"detector.width": 8, "detector.hidden": 32, "detector.layers": 2, "detector.batch": 3, "detector.crop": 1.0}
    nothing = _means(_config(world, **size, **{"optim.lr": 1e-12}), store)
    ours = _means(_config(world, **size, **{"optim.lr": 2e-3, "train.epochs": 60}), store)
    assert nothing.keys() == ours.keys() == {"Car", "mAP50"}
    assert ours["Car"] == ours["mAP50"]
    assert nothing["mAP50"] < 0.1
    assert ours["mAP50"] > 0.6


@pytest.mark.parametrize(("protocol", "networks"), [(FROZEN, 1), (RETRAINED, 5)])
def test_the_protocols_share_one_detector_or_train_one_for_each_row(world: Path, protocol: str, networks: int) -> None:
    study, base = DetectionStudy(), _config(world)
    suite = suite_of(study, study.suite_of(protocol, (), "msrs"))
    trials = [variant_trial(study, each.name, apply(base, each.changes), 1) for each in suite.variants]
    assert len({trial.stages[0].fingerprint for trial in trials}) == networks
    assert len({trial.fingerprint for trial in trials}) == len(trials) == 5


def test_boxes_that_change_have_detectors_trained_and_measured_anew(world: Path) -> None:
    study, config = DetectionStudy(), _config(world)
    before = {split: study.data(config, split) for split in ("train", "test")}
    (world / "msrs/train/boxes/fusion/00002D.txt").write_text("2 0.5 0.5 0.25 0.25\n")
    assert study.data(config, "train") != before["train"]
    assert study.data(config, "test") == before["test"]


def test_data_that_are_moved_in_one_order_stay_the_same_data(world: Path, tmp_path: Path) -> None:
    moved, study = tmp_path / "moved", DetectionStudy()
    shutil.copytree(world / "msrs", moved / "msrs")
    for part in ("train", "test"):
        shutil.copytree(world / "msrs" / part / "ir", world / "mine" / part)
        shutil.copytree(world / "msrs" / part / "ir", moved / "a" / "copy" / part)
    rows = {"images.read": "Mine", "images.trained_on": "Mine"}
    before = _config(world, **rows, **{"images.folders": (f"Mine={world / 'mine'}",)})
    after = _config(moved, **rows, **{"images.folders": (f"Mine={moved / 'a' / 'copy'}",)})
    assert [study.data(before, part) for part in ("train", "test")] == [
        study.data(after, part) for part in ("train", "test")
    ]


def test_rows_that_are_in_print_answer_the_paper_s_on_its_data_set_alone() -> None:
    suites = {data: DetectionStudy.suite_of(RETRAINED, ["swinfusion", "Mine"], data) for data in ("m3fd", "msrs")}
    assert suites["m3fd"]["published"] == "table2"
    printed = {name: row["published"] for name, row in suites["m3fd"]["rows"].items() if "published" in row}
    assert printed == {"swinfusion": "SwinFusion"}
    assert "published" not in suites["msrs"]
    assert not any("published" in row for row in suites["msrs"]["rows"].values())


def test_the_paper_s_preset_is_a_configuration_whose_network_can_be_built(world: Path) -> None:
    small = {"detector.width": 4, "detector.hidden": 32, "detector.queries": 20}
    config = apply(_config(world), {**PAPER, **small})
    assert (config.train.epochs, config.images.shrink, config.detector.layer) == (100, 1, "bottleneck")
    scores, boxes = DetectionStudy().build(config).eval()(torch.zeros(1, 1, 64, 96))
    assert (scores.shape, boxes.shape) == ((1, 20, 3), (1, 20, 4))


def test_pictures_without_an_object_have_a_loss_and_a_gradient() -> None:
    torch.manual_seed(1)
    network = RTDetr(DetectorConfig(width=4, hidden=16, heads=2, layers=1, queries=8), 1, 3)
    none = {"class_labels": torch.zeros(0, dtype=torch.int64), "boxes": torch.zeros(0, 4)}
    losses = network.losses(torch.rand(2, 1, 40, 70), [none, none])
    assert losses.keys() == {"varifocal", "l1", "giou"}
    assert (losses["l1"].item(), losses["giou"].item()) == (0, 0)
    sum(losses.values()).backward()  # type: ignore[union-attr]
    assert all(p.grad is None or p.grad.isfinite().all() for p in network.parameters())


def test_a_configuration_that_no_detector_can_have_is_one_line() -> None:
    with pytest.raises(UserError, match=r"detector\.hidden: expected a multiple of 16, 4 times detector.heads; got 40"):
        DetectorConfig(hidden=40)
    with pytest.raises(UserError, match=r"detector\.blocks: expected a number for each of four stages"):
        DetectorConfig(blocks=(1, 1))
    network = RTDetr(DetectorConfig(width=4, hidden=16, heads=2, layers=1, queries=85), 1, 3).eval()
    with pytest.raises(UserError, match="expected at most 84 for images of 60x64 pixels; got 85"):
        network(torch.zeros(1, 1, 64, 60))


def test_a_metric_rests_on_the_pictures_that_are_of_equal_weight(world: Path) -> None:
    line = (world / "msrs/test/boxes/fusion/00004D.txt").read_text()
    (world / "msrs/test/boxes/fusion/00004D.txt").write_text(3 * line)  # of four pictures one has three cars
    told = {metric.name: metric.effective_samples for metric in DetectionStudy().measures(_config(world))}
    assert told == pytest.approx({"Car": 6**2 / (3**2 + 3), "mAP50": 3.0})
