"""What is kept in memory of pictures is of the files as they are now: those that changed are read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.config.errors import UserError
from smfnet.tasks.config import ImagesConfig
from smfnet.tasks.detection import pictures as boxed
from smfnet.tasks.detection.config import BoxedImagesConfig
from smfnet.tasks.segmentation import pictures as labelled
from smfnet.tasks.stacked import stamps_of


def test_pictures_labels_and_counted_classes_follow_the_files(world: Path) -> None:
    config = ImagesConfig(root=str(world))
    before = labelled.pictures_of(config, "test", "infrared_only")
    assert labelled.pictures_of(config, "test", "infrared_only") is before
    assert labelled.counted_classes(config) == (0, 1)
    for file in (world / "msrs/test/label").iterdir():
        Image.fromarray(np.full((64, 80), 3, dtype=np.uint8)).save(file)
    after = labelled.pictures_of(config, "test", "infrared_only")
    assert (bool((before.labels == 3).any()), bool((after.labels == 3).all())) == (False, True)
    assert labelled.counted_classes(config) == (3,)
    Image.fromarray(np.full((64, 80), 200, dtype=np.uint8)).save(world / "msrs/test/ir/00005D.png")
    assert (labelled.pictures_of(config, "test", "infrared_only").images[1] == 200).all()


def test_a_label_that_was_cut_since_the_last_look_is_told(world: Path) -> None:
    config = ImagesConfig(root=str(world))
    labelled.check_pictures(config, "test", "visible_only")
    Image.new("L", (40, 64)).save(world / "msrs/test/label/00005D.png")
    with pytest.raises(UserError, match=r"00005D\.png has 40x64 pixels: expected 80x64"):
        labelled.check_pictures(config, "test", "visible_only")


def test_boxes_and_counted_classes_follow_the_files(world: Path) -> None:
    config = BoxedImagesConfig(root=str(world))
    before = boxed.pictures_of(config, "test", "infrared_only")
    assert boxed.pictures_of(config, "test", "infrared_only") is before
    assert boxed.counted_classes(config) == (2,)
    for file in (world / "msrs/test/boxes/fusion").iterdir():
        file.write_text("0 0.5 0.5 0.25 0.25\n")
    after = boxed.pictures_of(config, "test", "infrared_only")
    assert [each.classes.tolist() for each in after.boxes.values()] == 4 * [[0]]
    assert boxed.counted_classes(config) == (0,)
    Image.fromarray(np.full((64, 80), 200, dtype=np.uint8)).save(world / "msrs/test/ir/00005D.png")
    assert (boxed.pictures_of(config, "test", "infrared_only").images[1] == 200).all()


def test_a_file_that_is_gone_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read .*gone\.png: No such file or directory"):
        stamps_of([tmp_path / "gone.png"])
