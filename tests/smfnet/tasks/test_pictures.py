"""Pictures with labels: what has none, or a number of no class, is told and left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.config.errors import UserError
from smfnet.tasks.config import ImagesConfig
from smfnet.tasks.segmentation.classes import CLASSES, UNKNOWN
from smfnet.tasks.segmentation.pictures import counted_classes, files_of, notes_on_labels, pictures_of


def test_images_are_shrunk_and_labels_are_not(world: Path) -> None:
    found = pictures_of(ImagesConfig(root=str(world), shrink=4), "test", "visible_only")
    assert found.names == ("00004D", "00005D", "00006N", "00007N")
    assert (found.images.shape, found.labels.shape) == ((4, 1, 16, 20), (4, 64, 80))
    vi = np.asarray(Image.open(world / "msrs/test/vi/00005D.png"), dtype=float)
    assert abs(vi[:4, :4].mean() - float(found.images[1, 0, 0, 0])) <= 0.5


def test_classes_in_fewer_than_two_test_pictures_are_left_out_and_told(world: Path) -> None:
    assert [CLASSES[place] for place in counted_classes(ImagesConfig(root=str(world)))] == ["Unlabel", "Car"]
    notes = notes_on_labels(ImagesConfig(root=str(world)))
    assert "Person is left out: in 1 of the test pictures, expected 2 or more." in notes
    assert "Bike is left out: in 0 of the test pictures, expected 2 or more." in notes
    assert len(notes) == 7


def test_a_missing_label_and_a_number_of_no_class_are_told_and_left_out(world: Path) -> None:
    (world / "msrs/train/label/00002D.png").unlink()
    label = np.zeros((64, 80), dtype=np.uint8)
    label[0, :5] = 9
    Image.fromarray(label).save(world / "msrs/test/label/00006N.png")
    told = notes_on_labels(ImagesConfig(root=str(world)))[-2:]
    assert told == [
        "train: pictures without a label are left out, 1, such as 00002D.",
        "test: pixels with a number that no class has are not counted, 5 in 1 of the labels, such as 00006N.",
    ]
    assert pictures_of(ImagesConfig(root=str(world)), "train", "mean").names == ("00001D", "00003N")
    found = pictures_of(ImagesConfig(root=str(world)), "test", "mean")
    assert int((found.labels[2] == UNKNOWN).sum()) == 5


def test_the_files_of_a_row_are_those_that_it_reads(world: Path) -> None:
    def kinds(method: str) -> set[str]:
        return {path.parent.name for path in files_of(ImagesConfig(root=str(world)), "test", method)}

    assert [kinds(name) for name in ("visible_only", "infrared_only")] == [{"label", "vi"}, {"label", "ir"}]
    assert kinds("max") == {"label", "ir", "vi"}


def test_what_is_missing_is_one_line(world: Path) -> None:
    config = ImagesConfig(root=str(world), folders=(f"Mine={world / 'mine'}",))
    (world / "mine").mkdir()
    (world / "msrs/test/vi/00005D.png").rename(world / "mine" / "00005D.png")
    for method, words in (("Mine", "Mine has no image of 00004D"), ("Other", "unknown images 'Other'")):
        with pytest.raises(UserError, match=words):
            pictures_of(config, "test", method)
    Image.fromarray(np.zeros((10, 10), dtype=np.uint8)).save(world / "msrs/test/label/00007N.png")
    with pytest.raises(UserError, match=r"label/00007N.png has 10x10 pixels: expected 80x64, as .*vi/00007N.png"):
        pictures_of(config, "test", "infrared_only")
    with pytest.raises(UserError, match=r"images\.root: expected the folder of msrs"):
        pictures_of(ImagesConfig(), "test", "mean")
