"""What a worker does with a trial of a search, on a network that trains in a second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from assay.config.changes import apply
from assay.experiment.execution import TrialFailed, execute_trial, train_trial
from assay.experiment.trial import Trial, validation_trial, variant_trial
from assay.store.store import STAGES, TRIALS, Store
from assay.tuning.task import VALIDATIONS, train_and_validate
from smfnet.config.root import Config
from smfnet.data import check, validation_pairs
from smfnet.fusion.test_step import measure_pairs
from smfnet.study import study

TINY: dict[str, Any] = {
    "network.width": 4,
    "network.heads": 1,
    "base.transformer.groups": 1,
    "base.transformer.pairs": 1,
    "data.patch": 16,
    "data.stride": 16,
    "data.val_pairs": 2,
    "data.scenes.train_pairs": 2,
    "data.scenes.test_pairs": 2,
    "data.scenes.height": 32,
    "data.scenes.width": 40,
    "train.epochs": 4,
    "train.stage1_epochs": 1,
    "train.batch": 2,
    "train.steps_per_epoch": 2,
    "train.device": "cpu",
    "train.checkpoint_s": 0,
}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Networks this small are slower on two threads than on one."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def config() -> Config:
    """One epoch of stage I and three of stage II."""
    return apply(Config(), TINY)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(str(tmp_path / "store"))


def _trial(config: Config, changes: dict[str, Any] | None = None) -> Trial:
    return validation_trial(study(), "trial0", apply(config, changes or {}), 1)


def test_a_trial_is_validated_after_every_epoch_of_its_last_stage(config: Config, store: Store) -> None:
    reports: list[dict[str, Any]] = []
    outcome = train_and_validate(study(), trial := _trial(config), store, lambda report: reports.append(dict(report)))
    assert [report["step"] for report in reports if "step" in report] == [1, 2, 3]
    assert all(report["stored"] == [trial.stages[0].fingerprint] for report in reports if "step" in report)
    assert [step for step, _ in outcome.curve] == [1, 2, 3]
    assert outcome.curve[-1][1] == outcome.metrics
    assert outcome.trained_epochs == 4


def test_the_values_are_those_of_the_trained_network_on_the_validation_pairs(config: Config, store: Store) -> None:
    outcome = train_and_validate(study(), trial := _trial(config), store, lambda report: None)
    state = train_trial(study(), trial, store).state
    assert state is not None
    pairs = validation_pairs(config.data)
    measured = measure_pairs(pairs, study().model(trial.config, state).fuse, config.infer, torch.device("cpu"))
    assert len(measured) == 2
    for name, value in outcome.metrics.items():
        assert value == pytest.approx(np.mean([each.values[name] for each in measured]), rel=1e-6)


def test_validation_leaves_the_trained_weights_as_they_would_be(config: Config, tmp_path: Path) -> None:
    trial = _trial(config)
    states = []
    for name in ("watched", "alone"):
        store = Store(str(tmp_path / name))
        if name == "watched":
            train_and_validate(study(), trial, store, lambda report: None)
        else:
            train_trial(study(), trial, store)
        entry = store.find(STAGES, trial.stages[-1].fingerprint)
        assert entry is not None
        states.append(store.read(entry, "state.safetensors"))
    assert states[0] == states[1]


def test_what_was_validated_is_not_trained_again(config: Config, store: Store) -> None:
    first = train_and_validate(study(), _trial(config), store, lambda report: None)
    again = train_and_validate(study(), _trial(config), store, lambda report: pytest.fail("it trains again"))
    assert (again.metrics, again.curve, again.trained_epochs) == (first.metrics, first.curve, 0)


@pytest.mark.parametrize("content", [b"{}", b"[" * 100_000, b'{"metrics": {"VIF": "much"}, "curve": []}'])
def test_a_validation_that_was_sealed_by_somebody_else_is_made_again(
    config: Config, store: Store, content: bytes
) -> None:
    trial = _trial(config)
    store.write(VALIDATIONS, trial.fingerprint, {"validation.json": content}, {})
    found = train_and_validate(study(), trial, store, lambda report: None)
    assert found.trained_epochs == 4
    assert train_and_validate(study(), trial, store, lambda report: None).metrics == found.metrics


def test_what_an_ablation_trained_is_only_validated(config: Config, store: Store) -> None:
    execute_trial(study(), variant_trial(study(), "ours", config, 1), store)
    outcome = train_and_validate(study(), _trial(config), store, lambda report: None)
    assert (outcome.trained_epochs, outcome.curve) == (0, ())
    fresh = train_and_validate(study(), _trial(config), Store(f"{store.files.root}-2"), lambda report: None)
    assert outcome.metrics == fresh.metrics


def test_samples_that_differ_in_stage_two_alone_share_stage_one(config: Config, store: Store) -> None:
    trials = [_trial(config, {"loss.stage2.w_grad": weight}) for weight in (1, 2, 3)]
    outcomes = [train_and_validate(study(), trial, store, lambda report: None) for trial in trials]
    assert [outcome.trained_epochs for outcome in outcomes] == [4, 3, 3]
    assert len({trial.stages[0].fingerprint for trial in trials}) == 1
    assert len(list(store.entries(STAGES))) == 1 + 3


def test_without_stage_one_the_joint_stage_is_validated(config: Config, store: Store) -> None:
    outcome = train_and_validate(study(), _trial(config, {"train.stage1_epochs": 0}), store, lambda report: None)
    assert [step for step, _ in outcome.curve] == [1, 2, 3, 4]


def test_a_trial_that_goes_on_from_a_checkpoint_ends_with_the_same_values(config: Config, tmp_path: Path) -> None:
    trial, whole = _trial(config), Store(str(tmp_path / "whole"))
    expected = train_and_validate(study(), trial, whole, lambda report: None)

    class Killed(Exception):
        """The worker died."""

    def die(report: Any) -> None:
        if report.get("step") == 2:
            raise Killed

    torn = Store(str(tmp_path / "torn"))
    with pytest.raises(Killed):
        train_and_validate(study(), trial, torn, die)
    outcome = train_and_validate(study(), trial, torn, lambda report: None)
    assert outcome.metrics == expected.metrics
    assert outcome.curve == expected.curve[1:]  # the first epoch's value is in the study since then


def test_a_loss_that_is_not_finite_fails_the_trial_with_the_reason(config: Config, store: Store) -> None:
    with pytest.raises(TrialFailed, match="not finite"):
        train_and_validate(
            study(), _trial(config, {"optim.lr": 1e30, "optim.clip_norm": 1e30}), store, lambda report: None
        )
    assert list(store.entries(VALIDATIONS)) == []


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Every file that this process opens meanwhile."""
    names: list[str] = []
    active = True

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if active and event == "open":
            names.append(str(arguments[0]))

    sys.addaudithook(note)  # there is no way to take it off again
    yield names
    active = False


@pytest.fixture
def folder_config(tmp_path: Path, config: Config) -> Config:
    """Image files, those of the test split damaged."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 4), ("test", 2)):
        for kind in ("ir", "vi"):
            folder = tmp_path / "data" / split / kind
            folder.mkdir(parents=True)
            for number in range(count):
                path = folder / f"{split}{number}.png"
                if split == "test":
                    path.write_bytes(b"no image")
                else:
                    coarse = rng.integers(0, 255, (6, 8)).astype(np.uint8)
                    Image.fromarray(coarse).resize((40, 32), Image.Resampling.BICUBIC).save(path)
    return apply(config, {"data.source": "folder", "data.root": str(tmp_path / "data")})


def test_no_test_image_is_read_while_searching(folder_config: Config, store: Store, opened: list[str]) -> None:
    check(folder_config.data, ("train", "val"))
    trial = validation_trial(study(), "trial0", folder_config, 1)
    outcome = train_and_validate(study(), trial, store, lambda report: None)
    assert outcome.metrics["EN"] > 0
    images = {Path(name).parent.parent.name for name in opened if name.endswith(".png")}
    assert images == {"train"}
    assert list(store.entries(TRIALS)) == []


def test_the_damage_is_found_when_the_test_split_is_wanted(folder_config: Config) -> None:
    with pytest.raises(ValueError, match=r"test/ir/test0\.png"):
        check(folder_config.data)


@pytest.mark.parametrize("name", ["assay.tuning.task", "assay.tuning.search"])
def test_the_search_imports_neither_ray_nor_the_test_pairs(name: str, root: Path) -> None:
    source = (root / f"{name.replace('.', '/')}.py").read_text()
    assert "test_pairs" not in source
    assert "import ray" not in source
