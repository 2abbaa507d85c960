"""Segmentation as a study: a small network learns to see a bright car, and the contract of every study holds."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from PIL import Image

from assay.config.changes import apply
from assay.experiment.execution import execute_trial
from assay.experiment.suite import suite_of
from assay.experiment.trial import baseline_trial, variant_trial
from assay.store.store import TRIALS, Store
from assay.store.tables import MEASURED, read_table
from assay.testing import StudyContract
from smfnet.tasks.config import FROZEN, RETRAINED
from smfnet.tasks.segmentation.classes import UNKNOWN
from smfnet.tasks.segmentation.config import PAPER, ReaderConfig, SegmentationConfig
from smfnet.tasks.segmentation.pictures import pictures_of
from smfnet.tasks.segmentation.study import BACKGROUND, SegmentationStudy
from tests.smfnet.tasks.small_reader import SMALL_READER

pytest.importorskip("transformers")


@pytest.fixture(autouse=True)
def small(world: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small set, which the base of the contract's study has as its root."""
    monkeypatch.setitem(TestSegmentation.changes, "images.root", str(world))
    return world


class TestSegmentation(StudyContract):
    changes: ClassVar[dict[str, object]] = dict(SMALL_READER)

    @pytest.fixture(autouse=True)
    def made(self) -> None:
        type(self).study = SegmentationStudy()


def _measured(store: Store, fingerprint: str) -> dict[str, float]:
    """Metric -> its mean over pictures."""
    entry = store.find(TRIALS, fingerprint)
    assert entry is not None
    table = read_table(store.read(entry, "results.parquet") or b"", MEASURED)
    return table.groupby("metric")["value"].mean().to_dict()


def _config(world: Path, **changes: object) -> SegmentationConfig:
    study = SegmentationStudy()
    return apply(study.schema.compose(), {**SMALL_READER, "images.root": str(world), **changes})


def test_a_metric_rests_on_the_pictures_that_are_of_equal_weight(world: Path) -> None:
    pixels = np.array([_pixels(path) for path in sorted((world / "msrs" / "test" / "label").iterdir())])
    shares = pixels / pixels.sum(0)
    expected = [*(1 / np.square(shares).sum(0)), *[1 / np.square(shares.mean(1)).sum()] * 2]
    study = SegmentationStudy()
    told = {metric.name: metric.effective_samples for metric in study.measures(_config(world))}
    assert told == pytest.approx(dict(zip(("Unlabel", "Car", "mAcc", "mIoU"), expected, strict=True)))
    assert study.columns(_config(world)) == tuple(told)


def _pixels(path: Path) -> list[int]:
    label = np.asarray(Image.open(path))
    return [int((label == place).sum()) for place in (0, 1)]


def test_a_network_that_learned_beats_background_everywhere(world: Path, tmp_path: Path) -> None:
    study, store = SegmentationStudy(), Store(str(tmp_path / "store"))
    config = _config(world, **{"train.epochs": 40, "optim.lr": 0.05, "reader.width": 8, "reader.pyramid": 8})
    trained, free = variant_trial(study, "visible", config, 1), baseline_trial(study, BACKGROUND, config)
    for trial in (trained, free):
        execute_trial(study, trial, store)
    ours, nothing = (_measured(store, trial.fingerprint) for trial in (trained, free))
    assert nothing["mIoU"] == pytest.approx(nothing["Unlabel"] / 2)
    assert nothing["mAcc"] == 0.5
    assert nothing["Unlabel"] == pytest.approx(1 - (4 * 24 * 16 + 60) / (4 * 64 * 80), abs=1e-12)
    assert ours["Car"] > 0.3
    assert ours["mIoU"] > nothing["mIoU"] + 0.1


@pytest.mark.parametrize(("protocol", "networks"), [(FROZEN, 1), (RETRAINED, 6)])
def test_the_protocols_share_one_network_or_train_one_for_each_row(world: Path, protocol: str, networks: int) -> None:
    study = SegmentationStudy()
    for part in ("train", "test"):  # a method's images: here copies of the visible ones
        (world / "own" / part).parent.mkdir(exist_ok=True)
        (world / "own" / part).symlink_to(world / "msrs" / part / "vi", target_is_directory=True)
    base = _config(world, **{"images.folders": (f"Mine={world / 'own'}",)})
    suite = suite_of(study, study.suite_of(protocol, ["Mine"], "msrs"))
    trials = [variant_trial(study, each.name, apply(base, each.changes), 1) for each in suite.variants]
    assert len({trial.stages[0].fingerprint for trial in trials}) == networks
    assert len({trial.fingerprint for trial in trials}) == len(trials) == 6


def test_no_row_on_msrs_answers_the_paper_s_table_which_is_of_mfnet() -> None:
    suite = SegmentationStudy.suite_of(FROZEN, ["u2fusion", "Mine"], "msrs")
    assert "published" not in suite
    assert [name for name, row in suite["rows"].items() if "published" in row] == []


def test_the_paper_s_preset_is_a_configuration_whose_network_can_be_built(world: Path) -> None:
    config = apply(_config(world), {**PAPER, "reader.width": 4, "reader.pyramid": 8})
    assert (config.train.epochs, config.reader.layer, config.optim.kind, config.optim.lr) == (
        300,
        "bottleneck",
        "sgd",
        0.01,
    )
    network = SegmentationStudy().build(config).eval()
    assert network(torch.zeros(1, 1, 64, 96)).shape == (1, 9, 64, 96)
    assert network.backbone(torch.zeros(1, 1, 64, 96)).feature_maps[1].shape[-2:] == (4, 6)  # a sixteenth, by dilation
    with pytest.raises(ValueError, match="a number for each of four stages"):
        ReaderConfig(blocks=(1, 1))


@pytest.mark.parametrize(
    ("shrink", "size", "unknown"), [(1, (64, 80), 0), (2, (32, 40), 0), (3, (22, 27), 27), (6, (11, 14), 11)]
)
def test_labels_are_as_small_as_images_where_the_size_does_not_divide_too(
    world: Path, shrink: int, size: tuple[int, int], unknown: int
) -> None:
    study, config = SegmentationStudy(), _config(world, **{"images.shrink": shrink, "reader.batch": 3})
    (batch,) = study.batches(config, 1, 0)
    images, labels = batch
    assert images.shape[-2:] == labels.shape[-2:] == size
    whole = pictures_of(config.images, "train", "visible_only").labels
    rows, columns = (torch.arange(shrink // 2, side, shrink) for side in whole.shape[-2:])
    found = {each.numpy().tobytes() for each in labels[:, : len(rows), : len(columns)].contiguous()}
    assert found == {each.numpy().tobytes() for each in whole[:, rows][:, :, columns].contiguous()}
    assert (labels == UNKNOWN).sum(dim=(1, 2)).tolist() == 3 * [unknown]
    assert study.terms(study.build(config), batch, config)["cross-entropy"].isfinite()
