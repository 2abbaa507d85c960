"""A fingerprint changes when data that matter change, and only then."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smfnet.config.data import DataConfig, ScenesConfig
from smfnet.data import fingerprint, ranges_in_values
from smfnet.data.folder import FilePair
from smfnet.data.split import split_of

Noise = Callable[..., np.ndarray]
Write = Callable[[Path, np.ndarray], Path]
PARTS = ("train", "val", "test")


def of(config: DataConfig) -> dict[str, str]:
    return {part: fingerprint(config, part) for part in PARTS}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {part for part in PARTS if before[part] != after[part]}


def test_is_the_same_every_time(config: DataConfig) -> None:
    assert of(config) == of(config)
    assert len(set(of(config).values())) == 3


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", ["ir", "vi"])
def test_a_changed_picture_changes_its_part_alone(
    config: DataConfig, part: str, kind: str, noise: Noise, write: Write
) -> None:
    before = of(config)
    write(getattr(split_of(config).part(part)[0], kind), noise(77))
    assert changed(before, of(config)) == {part}


def test_a_change_of_equal_size_within_the_same_moment_is_seen(config: DataConfig) -> None:
    """BMP: other pixels, equally many bytes; the clock of a file system may be coarse, so it is put on by hand."""
    before, path = of(config), split_of(config).test[0].vi  # type: ignore[union-attr]
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    time = path.stat().st_mtime_ns
    path.write_bytes(content)
    os.utime(path, ns=(time, time + 1))
    assert changed(before, of(config)) == {"test"}


def test_the_place_does_not_matter(config: DataConfig, tmp_path: Path) -> None:
    before = of(config)
    moved = tmp_path / "elsewhere"
    for part in ("train", "test"):
        shutil.copytree(tmp_path / part / "ir", moved / part / "thermal")
        shutil.copytree(tmp_path / part / "vi", moved / part / "colour")
    assert of(replace(config, root=str(moved), ir="thermal", vi="colour")) == before


def test_other_files_and_times_do_not_matter(config: DataConfig, tmp_path: Path) -> None:
    before = of(config)
    (tmp_path / "train" / "vi" / "notes.txt").write_text("mine")
    os.utime(tmp_path / "train" / "vi" / "a.png", (1, 1))
    assert of(config) == before


def test_the_way_to_leave_a_pair_out_does_not_matter(config: DataConfig, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("b\n")
    excluded = of(replace(config, exclude=("bad.txt",), val_pairs=0))
    for kind in ("ir", "vi"):
        (tmp_path / "train" / kind / "b.png").unlink()
    assert of(replace(config, val_pairs=0)) == excluded


def test_names_matter_where_results_bear_them(config: DataConfig, tmp_path: Path) -> None:
    before = of(replace(config, val_pairs=0))
    for kind in ("ir", "vi"):
        (tmp_path / "test" / kind / "y.png").rename(tmp_path / "test" / kind / "z.png")
        (tmp_path / "train" / kind / "f.png").rename(tmp_path / "train" / kind / "g.png")
    assert changed(before, of(replace(config, val_pairs=0))) == {"test"}


def test_the_order_of_training_pairs_matters(config: DataConfig, tmp_path: Path) -> None:
    before = of(replace(config, val_pairs=0))
    for kind in ("ir", "vi"):
        (tmp_path / "train" / kind / "f.png").rename(tmp_path / "train" / kind / "A.png")
    assert changed(before, of(replace(config, val_pairs=0))) == {"train"}


@pytest.mark.parametrize("changes", [{"patch": 17}, {"stride": 9}, {"drop_low_contrast": False}, {"keep_black": False}])
def test_patches_belong_to_training(config: DataConfig, changes: dict[str, int]) -> None:
    assert changed(of(config), of(replace(config, **changes))) == {"train"}


def test_black_patches_do_not_matter_if_none_is_left_out(config: DataConfig) -> None:
    every = replace(config, drop_low_contrast=False)
    assert of(every) == of(replace(every, keep_black=False))


def test_a_shorter_test_is_another(config: DataConfig) -> None:
    assert changed(of(config), of(replace(config, limit_test=1))) == {"test"}
    assert of(config) == of(replace(config, limit_test=99))


def test_validation_pairs_are_missing_in_training(config: DataConfig) -> None:
    assert changed(of(config), of(replace(config, val_pairs=2))) == {"train", "val"}


def test_a_range_is_in_every_name_and_its_absence_in_none(config: DataConfig) -> None:
    before = of(config)
    for key in ("ir_range", "vi_range"):
        assert changed(before, of(replace(config, **{key: "3:250"}))) == set(PARTS)
    ranged = of(replace(config, ir_range="3:250"))
    assert changed(ranged, of(replace(config, ir_range="3:249"))) == set(PARTS)
    assert changed(ranged, of(replace(config, vi_range="3:250"))) == set(PARTS)
    pair = split_of(config).test[0]
    assert isinstance(pair, FilePair)
    # As names were made before there were ranges: what is stored is found again.
    files = (hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest() for path in (pair.ir, pair.vi))
    assert pair.digest() == "".join(files)


def test_percentiles_and_the_values_that_they_are_have_one_name(config: DataConfig, write: Write) -> None:
    for part in PARTS:  # a test image that is brighter than all others has no say
        for index, pair in enumerate(split_of(config).part(part)):
            top = 255 if part == "test" else 200
            write(pair.ir, np.linspace(40 + index, top, 24 * 32).astype(np.uint8).reshape(24, 32))  # type: ignore[union-attr]
    percentiles = replace(config, ir_range="0%:100%")
    assert ranges_in_values(percentiles) == {"data.ir_range": "40:200"}
    assert of(percentiles) == of(replace(config, ir_range="40:200"))
    assert ranges_in_values(replace(config, ir_range="40:200")) == {}
    assert ranges_in_values(replace(GENERATED, ir_range="0%:100%")) == {}


GENERATED = DataConfig(val_pairs=2, patch=32, scenes=ScenesConfig(train_pairs=2, test_pairs=2, height=40, width=48))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "train_pairs": st.integers(1, 3),
            "test_pairs": st.integers(1, 3),
            "height": st.sampled_from([40, 48]),
            "width": st.sampled_from([48, 56]),
            "seed": st.sampled_from([2025, 7]),
        },
    )
)
def test_of_generated_pairs(changes: dict[str, int]) -> None:
    scenes = replace(GENERATED.scenes, **changes)
    different = {name for name, value in changes.items() if value != getattr(GENERATED.scenes, name)}
    expected = set(PARTS) if different & {"height", "width", "seed"} else set()
    expected |= {name.removesuffix("_pairs") for name in different if name.endswith("_pairs")}
    assert changed(of(GENERATED), of(replace(GENERATED, scenes=scenes))) == expected


@pytest.mark.shared
def test_the_same_training_for_two_tests_is_one_stage(shared: Path) -> None:
    from smfnet.config.schema import compose

    road, tno = (compose([f"data={name}", f"data.root={shared}/data"]).data for name in ("road_and_msrs", "tno"))
    assert changed(of(road), of(tno)) == {"test"}
