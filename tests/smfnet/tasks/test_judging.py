"""An ablation whose rows are judged by what frozen readers find in the labelled pictures that they fuse."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.config.changes import apply
from assay.config.compose import to_yaml
from assay.config.errors import UserError
from assay.experiment.execution import execute_trial
from assay.experiment.naming.circumstances import made_with
from assay.experiment.trial import Trial, baseline_trial, variant_trial
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord
from assay.store.store import TRIALS, Store
from assay.store.tables import MEASURED, read_table
from smfnet.config.root import Config
from smfnet.study import study
from smfnet.tasks.config import ImagesConfig
from smfnet.tasks.segmentation.judging import mean_iou
from smfnet.tasks.segmentation.study import SegmentationStudy
from tests.smfnet.tasks.small_reader import SMALL_READER
from tests.smfnet.tiny import TINY

pytest.importorskip("transformers")

LEARNING = {"reader.width": 8, "reader.pyramid": 8, "optim.lr": 0.05, "train.epochs": 40}
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory, write_world: Callable[[Path], Path]) -> Path:
    """A run of two readers that know a bright car in the small set's visible images; the store is beside it."""
    home = tmp_path_factory.mktemp("readers")
    task, run = SegmentationStudy(), RunFolder(home / "run")
    values = {**SMALL_READER, **LEARNING, "images.root": str(write_world(home)), "storage": str(home / "store")}
    config = apply(task.schema.compose(), values)
    trials = [variant_trial(task, "visible_only", config, seed) for seed in SEEDS]
    for trial in trials:
        execute_trial(task, trial, Store(config.storage))
    run.write_config(to_yaml(config))
    done = tuple(_finished(trial) for trial in trials)
    rows, where = (RowRecord("visible_only", "visible image"),), {"storage": config.storage}
    run.write_record(RunRecord("ablation", "segmentation", (), rows, done, ("mIoU",), "visible_only", provenance=where))
    return run.folder


def _finished(trial: Trial) -> TrialRecord:
    stages = tuple(stage.fingerprint for stage in trial.stages)
    return TrialRecord(trial.id, trial.row, trial.seed, "finished", fingerprint=trial.fingerprint, stages=stages)


def _config(world: Path, readers: Path, **changes: object) -> Config:
    asked = {"metrics.tasks": ["segment"], "metrics.readers": str(readers), "data.root": str(world / "msrs")}
    return apply(Config(), {**TINY, **asked, **changes})


def _values(store: Store, fingerprint: str) -> dict[tuple[str, str], float]:
    """Sample and metric -> value."""
    entry = store.find(TRIALS, fingerprint)
    assert entry is not None
    table = read_table(store.read(entry, "results.parquet") or b"", MEASURED)
    return {(str(line["image"]), str(line["metric"])): line["value"] for _, line in table.iterrows()}


def _own(readers: Path) -> Mapping[str, float]:
    """Picture -> mIoU as the readers' own study measured it on visible images, the mean over both."""
    found = [
        _values(Store(str(readers.parent / "store")), each.fingerprint) for each in RunFolder(readers).record.trials
    ]
    pictures = {sample for sample, _ in found[0]}
    return {name: float(np.mean([values[name, "mIoU"] for values in found])) for name in sorted(pictures)}


def _visible(world: Path) -> dict[str, np.ndarray]:
    return {path.stem: np.asarray(Image.open(path)) for path in sorted((world / "msrs/test/vi").iterdir())}


def test_visible_images_are_judged_as_the_readers_own_study_does(world: Path, readers: Path) -> None:
    found = mean_iou(_config(world, readers), "test", _visible(world))
    own = _own(readers)
    assert {name: values["mIoU"] for name, values in found.items()} == pytest.approx(own, abs=1e-12)
    assert np.mean(list(own.values())) > 0.55  # two classes: background alone has less than a half
    dark = mean_iou(_config(world, readers), "test", {name: 0 * image for name, image in _visible(world).items()})
    assert np.mean([each["mIoU"] for each in dark.values()]) < 0.5


def test_a_row_and_a_rule_have_mIoU_beside_the_other_metrics_of_every_pair(
    world: Path, readers: Path, tmp_path: Path
) -> None:
    own, store = study(), Store(str(tmp_path / "fused"))
    config = own.prepared(_config(world, readers), ("train", "test"))
    assert own.columns(config) == ("EN", "SD", "VIF", "SSIM", "mIoU")
    for trial in (variant_trial(own, "ours", config, 1), baseline_trial(own, "visible_only", config)):
        execute_trial(own, trial, store)
        values = _values(store, trial.fingerprint)
        names = {metric.name for metric in own.measures(config)}
        assert values.keys() == {(sample, metric) for sample in _visible(world) for metric in names}
        assert all(map(math.isfinite, values.values()))
    (judged,) = (metric for metric in own.measures(config) if metric.name == "mIoU")
    of_readers = SegmentationStudy().effective_pictures(ImagesConfig("msrs", str(world)))
    assert judged.effective_samples == pytest.approx(of_readers["mIoU"])  # all of its test pictures have labels
    assert {name for name in names if name not in {m.name for m in own.measures(Config())}} == {"mIoU"}


def test_what_reads_is_kept_by_name_and_names_the_measurement_alone(world: Path, readers: Path, tmp_path: Path) -> None:
    own = study()
    plain = apply(Config(), {**TINY, "data.root": str(world / "msrs")})
    asked = own.prepared(_config(world, readers), ("train", "test"))
    assert own.prepared(asked, ("train", "test")) == asked
    assert asked.note.startswith("mIoU of the test split is the mean over Unlabel, Car (left out, as in fewer than 2 ")
    assert asked.note.endswith("Bump); frozen networks that read: 2")
    assert list(asked.metrics.read_by) == [each.fingerprint for each in RunFolder(readers).record.trials]
    one = own.prepared(_config(world, readers, **{"metrics.read_by": asked.metrics.read_by[:1]}), ("train", "test"))
    trials = [variant_trial(own, "ours", config, 1) for config in (plain, asked, one)]
    assert len({trial.stages[-1].fingerprint for trial in trials}) == 1
    assert len({trial.fingerprint for trial in trials}) == 3
    label = world / "msrs/test/label/00005D.png"
    Image.fromarray(np.asarray(Image.open(label))[:, ::-1]).save(label)
    relabelled = own.prepared(_config(world, readers), ("train", "test"))
    assert variant_trial(own, "ours", relabelled, 1).fingerprint != trials[1].fingerprint
    assert own.data(plain, "test") != own.data(relabelled, "test")
    assert own.data(plain, "train") == own.data(relabelled, "train")
    copy = shutil.copytree(readers, tmp_path / "elsewhere")
    moved = own.prepared(_config(world, copy), ("train", "test"))
    assert variant_trial(own, "ours", moved, 1).fingerprint == variant_trial(own, "ours", relabelled, 1).fingerprint


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"metrics.readers": None}, "metrics.tasks=[segment] needs metrics.readers, the folder of a run of `python -m"),
        ({"metrics.tasks": ["segment", "segment"]}, "metrics.tasks: expected each task once; got segment, segment"),
        ({"metrics.table": ["EN", "mIoU"]}, "mIoU has its column by metrics.tasks=[segment]; leave it out"),
        ({"metrics.tasks": ["detect"]}, "metrics.tasks: expected words from segment; got 'detect'"),
        ({"metrics.tasks": []}, "nothing is read without metrics.tasks"),
        ({"metrics.readers": "none"}, "none is no run"),
        ({"metrics.read_by": ["abc"]}, "has no finished trial abc (metrics.read_by)"),
        ({"data.source": "generated", "data.scenes.train_pairs": 1}, "generated scenes have none: expected data=msrs"),
        ({"data.train": ["test"], "data.test": ["train"]}, "the readers have learned from the test picture"),
    ],
)
def test_what_cannot_be_judged_is_told_before_anything_starts(
    world: Path, readers: Path, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(UserError) as error:
        study().prepared(_config(world, readers, **changes), ("train", "test"))
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("lost", ["msrs", "msrs/train/ir"])
def test_readers_whose_pictures_are_gone_still_read(world: Path, readers: Path, lost: str) -> None:
    place, away = readers.parent / lost, readers.parent / "away"
    place.rename(away)
    try:
        config = study().prepared(_config(world, readers), ("train", "test"))
    finally:
        away.rename(place)
    assert len(config.metrics.read_by) == len(SEEDS)


def test_a_label_that_is_missing_or_of_another_size_and_a_run_that_is_none_of_readers_are_told(
    world: Path, readers: Path
) -> None:
    def told(folder: Path = readers) -> str:
        with pytest.raises(UserError) as error:
            study().prepared(_config(world, folder), ("train", "test"))
        return str(error.value)

    label = world / "msrs/test/label/00005D.png"
    whole = Image.open(label).copy()
    whole.crop((0, 0, 40, 64)).save(label)
    assert told().endswith("vi/00005D.png: expected (64, 80); got (64, 40)")
    label.unlink()
    assert f"vi/00005D.png has no label: expected {label}" in told()
    whole.save(label)
    run = RunFolder(shutil.copytree(readers, world / "copy"))
    done = run.record
    run.write_record(replace(done, trials=tuple(replace(each, status="failed") for each in done.trials)))
    assert "no network is trained; give the run's command again" in told(run.folder)
    run.write_record(done)
    run.write_config(to_yaml(Config()))
    assert "is a run of another study than segmentation" in told(run.folder)


def test_the_visible_pixels_of_a_labelled_scene_are_what_a_reader_has_learned(world: Path, readers: Path) -> None:
    config = _config(world, readers, **{"data.train": ["test"], "data.test": ["train"]})

    def refused() -> str:
        try:
            study().prepared(config, ("train", "test"))
        except UserError as error:
            return str(error)
        return ""

    for file in (world / "msrs/train/vi").iterdir():
        Image.open(file).convert("RGB").save(file, compress_level=0)
    for file in (world / "msrs/train/ir").iterdir():
        Image.fromarray(255 - np.asarray(Image.open(file))).save(file)
    assert "the readers have learned from the test picture" in refused()
    labels, away = readers.parent / "msrs/train/label", readers.parent / "away"
    away.mkdir()
    try:
        for name in ("00001D.png", "00002D.png"):
            (labels / name).rename(away / name)
        assert refused().endswith("test picture " + str(world / "msrs/train/vi/00003N.png"))
        (world / "msrs/train/vi/00003N.png").write_bytes((world / "msrs/test/vi/00004D.png").read_bytes())
        assert refused() == ""
    finally:
        for file in away.iterdir():
            file.rename(labels / file.name)
        away.rmdir()


def test_the_note_of_a_confirmation_is_of_its_own_split(world: Path, readers: Path) -> None:
    for file in (world / "msrs/train/vi").iterdir():  # readers may not have learned from a picture of validation
        Image.fromarray(np.asarray(Image.open(file)) // 2).save(file)
    for file in (world / "msrs/train/label").iterdir():
        label = np.array(Image.open(file))
        label[:5] = 3
        Image.fromarray(label).save(file)
    own, plain = study(), _config(world, readers, **{"data.val_pairs": 2})
    searched, tested = (own.prepared(plain, splits).note for splits in (("train", "val"), ("train", "val", "test")))
    assert searched.startswith("mIoU of the val split is the mean over Unlabel, Car, Bike (left out, ")
    assert tested.startswith("mIoU of the test split is the mean over Unlabel, Car (left out, ")
    for note in ("", "of mine; first"):
        before = own.prepared(apply(plain, {"note": note}), ("train", "val"))
        assert before.note == "; ".join(filter(None, (note, searched)))
        after = own.prepared(before, ("train", "val", "test"))
        assert after.note == "; ".join(filter(None, (note, tested)))
        assert own.prepared(after, ("train", "val", "test")).note == after.note


def test_the_package_of_the_networks_that_read_is_kept_with_what_they_measure(world: Path, readers: Path) -> None:
    asked, plain = _config(world, readers), apply(Config(), TINY)
    found = made_with(study(), asked)
    assert found == made_with(study(), plain) | {"transformers": version("transformers")}
