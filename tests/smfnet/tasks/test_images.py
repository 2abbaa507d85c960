"""Images of rules, folders and runs, as a task reads them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.config.errors import UserError
from smfnet.tasks.given import images_given, known_scenes


def test_rules_give_sources_as_they_are_and_fused_images_between_them(world: Path) -> None:
    known, scenes = known_scenes("msrs", world, "test")
    scene = scenes["00005D"]
    images = {each.title: each.read(scene).astype(int) for each in images_given(known, (), None, (), "test", "grey")}
    ir, vi = (np.asarray(Image.open(path)).astype(int) for path in (scene.ir, scene.vi))
    np.testing.assert_array_equal(images["visible image"], vi)
    np.testing.assert_array_equal(images["infrared image"], ir)
    np.testing.assert_array_equal(images["maximum of both"], np.maximum(ir, vi))
    assert np.abs(images["mean of both"] - (ir + vi) / 2).max() <= 0.5


def test_colour_is_kept_or_becomes_luma(world: Path) -> None:
    known, scenes = known_scenes("msrs", world, "test")
    red = np.zeros((64, 80, 3), dtype=np.uint8)
    red[..., 0] = 200
    Image.fromarray(red).save(scenes["00004D"].vi)
    shapes = {}
    for colour in ("rgb", "grey"):
        of = {each.title: each.read(scenes["00004D"]) for each in images_given(known, (), None, (), "test", colour)}
        shapes[colour] = {title: image.shape for title, image in of.items()}
    assert shapes["rgb"]["visible image"] == shapes["rgb"]["maximum of both"] == (64, 80, 3)
    assert shapes["rgb"]["infrared image"] == (64, 80)
    assert set(shapes["grey"].values()) == {(64, 80)}
    assert (of["visible image"] == 60).all()  # 0.299 x 200


def test_a_method_s_images_are_found_with_and_without_folders_of_set_and_part(world: Path) -> None:
    known, scenes = known_scenes("msrs", world, "test")
    for place in ("plain", "parted/test", "sets/msrs/test"):
        shutil.copytree(world / "msrs" / "test" / "vi", world / place)
    words = [f"{name}={world / name}" for name in ("plain", "parted", "sets")]
    found = images_given(known, words, None, (), "test", "grey")[-3:]
    assert [each.title for each in found] == ["plain", "parted", "sets"]
    assert all(each.scenes == frozenset(scenes) for each in found)


def test_images_in_the_folder_itself_may_have_another_part_beside_them(world: Path) -> None:
    known, scenes = known_scenes("msrs", world, "test")
    shutil.copytree(world / "msrs" / "test" / "vi", world / "own")
    shutil.copytree(world / "msrs" / "train" / "vi", world / "own" / "train")
    assert images_given(known, [f"Own={world / 'own'}"], None, (), "test", "grey")[-1].scenes == frozenset(scenes)
    for image in (world / "own").glob("*.png"):
        image.unlink()
    with pytest.raises(UserError, match=r"expected .*own/test, as .*own has train/"):
        images_given(known, [f"Own={world / 'own'}"], None, (), "test", "grey")


def test_a_name_that_a_rule_has_is_refused(world: Path) -> None:
    known, _ = known_scenes("msrs", world, "test")
    with pytest.raises(UserError, match="two rows would be called 'mean of both'"):
        images_given(known, [f"mean of both={world / 'msrs/test/vi'}"], None, (), "test", "grey")
    with pytest.raises(UserError, match="expected NAME=DIR"):
        images_given(known, [str(world / "msrs/test/vi")], None, (), "test", "grey")
