"""Whatever is wrong with a data set is found, and the file is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay.config.errors import UserError
from smfnet.config.data import DataConfig, ScenesConfig
from smfnet.data import check
from smfnet.data.check import SMALLEST
from smfnet.data.split import split_of
from smfnet.metrics import SMALLEST as SMALLEST_MEASURED

Noise = Callable[..., np.ndarray]
Write = Callable[[Path, np.ndarray], Path]
PARTS = ("train", "val", "test")


def first(config: DataConfig, part: str, kind: str) -> Path:
    path: Path = getattr(split_of(config).part(part)[0], kind)
    return path


def test_nothing_wrong(config: DataConfig) -> None:
    check(config)


def test_generated_pairs_need_no_files() -> None:
    check(DataConfig(patch=32, stride=32, scenes=ScenesConfig(train_pairs=1)))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", ["ir", "vi"])
def test_sizes_that_differ_within_a_pair(config: DataConfig, part: str, kind: str, noise: Noise, write: Write) -> None:
    path = first(config, part, kind)
    write(path, noise(1, (24, 40)))
    with pytest.raises(UserError, match=rf"expected images of one size.*{path} has 40x24 pixels"):
        check(config)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", ["ir", "vi"])
def test_a_truncated_image(config: DataConfig, part: str, kind: str) -> None:
    check(config)  # what was found out before must not hide the change
    path = first(config, part, kind)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UserError, match=rf"{path} is damaged"):
        check(config)


def test_a_missing_partner(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "test" / "ir" / "y.png").unlink()
    with pytest.raises(UserError, match=r"vi/y\.png has no partner"):
        check(config)


@pytest.mark.parametrize("part", ["train", "test"])
def test_an_empty_folder(config: DataConfig, tmp_path: Path, part: str) -> None:
    shutil.rmtree(tmp_path / part / "ir")
    (tmp_path / part / "ir").mkdir()
    with pytest.raises(UserError, match=rf"{part}/ir is empty"):
        check(config)


def test_an_image_smaller_than_a_patch(config: DataConfig, noise: Noise, write: Write) -> None:
    for seed, kind in enumerate(("ir", "vi")):
        write(path := first(config, "train", kind), noise(seed, (15, 40)))
    with pytest.raises(UserError, match=rf"{path.stem}\.png has 40x15 pixels.*data\.patch is 16"):
        check(config)


def test_a_test_image_smaller_than_a_patch_is_fine(config: DataConfig) -> None:
    with pytest.raises(UserError, match=r"data\.patch"):
        check(replace(config, patch=30))
    check(replace(config, patch=24))


def test_a_test_image_too_small_for_the_metrics(config: DataConfig, noise: Noise, write: Write) -> None:
    for seed, kind in enumerate(("ir", "vi")):
        write(first(config, "test", kind), noise(seed, (16, 40)))
    with pytest.raises(UserError, match=r"x\.png has 40x16 pixels.*the metrics need 17x17"):
        check(config)
    assert SMALLEST == SMALLEST_MEASURED


def test_a_test_pair_in_training(config: DataConfig, tmp_path: Path) -> None:
    for kind in ("ir", "vi"):
        shutil.copy(tmp_path / "test" / kind / "y.png", tmp_path / "train" / kind / "z.png")
    with pytest.raises(UserError, match=r"training pair .*train/vi/z\.png is the test pair .*test/vi/y\.png"):
        check(config)


def test_no_contrast_anywhere(config: DataConfig, tmp_path: Path, write: Write) -> None:
    for name in "abcdef":
        write(tmp_path / "train" / "ir" / f"{name}.png", np.full((24, 32), 90 + ord(name), np.uint8))
    with pytest.raises(UserError, match=r"none of 5 training pairs has a patch with enough contrast"):
        check(config)
    check(replace(config, drop_low_contrast=False))


def test_no_root() -> None:
    with pytest.raises(UserError, match=r"data\.root"):
        check(DataConfig(source="folder"))
