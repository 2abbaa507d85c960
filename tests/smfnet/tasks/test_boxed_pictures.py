"""Pictures with boxes: what has none, or is no box, is told and left out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.config.errors import UserError
from smfnet.tasks.detection.config import BoxedImagesConfig
from smfnet.tasks.detection.pictures import check_pictures, counted_classes, files_of, notes_on_boxes, pictures_of

BOXES = "msrs/{}/boxes/fusion/{}.txt"


def _images(world: Path, **more: object) -> BoxedImagesConfig:
    return BoxedImagesConfig(root=str(world), **more)  # type: ignore[arg-type]


def test_images_are_shrunk_and_boxes_are_not(world: Path) -> None:
    found = pictures_of(_images(world, shrink=3), "test", "visible_only")
    assert (found.images.shape, found.frame) == ((4, 1, 22, 27), (66, 81))
    assert (found.sizes[0], tuple(found.boxes)) == ((64, 80), ("00004D", "00005D", "00006N", "00007N"))
    np.testing.assert_allclose(found.boxes["00005D"].corners, [[12, 24, 36, 40]])


def test_what_is_missing_or_no_box_is_told_and_left_out(world: Path) -> None:
    (world / BOXES.format("train", "00002D")).unlink()
    (world / BOXES.format("train", "00003N")).write_text("")
    (world / BOXES.format("test", "00006N")).write_text("7 0.5 0.5 0.1 0.1\n")
    assert notes_on_boxes(_images(world)) == [
        "Person is left out: in 0 of the test pictures, expected 2 or more.",
        "Bicycle is left out: in 0 of the test pictures, expected 2 or more.",
        "train: pictures without a file of boxes are left out, 1, such as 00002D.",
        "test: 1 label is no box in its image, and is left out: line 1 of 00006N.txt: 7 0.5 0.5 0.1 0.1.",
    ]
    train, test = (pictures_of(_images(world), part, "mean").boxes for part in ("train", "test"))
    assert {name: len(each.classes) for name, each in train.items()} == {"00001D": 1, "00003N": 0}
    assert [len(each.classes) for each in test.values()] == [1, 1, 0, 1]
    assert counted_classes(_images(world)) == (2,)


def test_a_file_of_coco_s_gives_what_the_set_s_own_files_give(world: Path) -> None:
    names = [f"{number:05d}{'DN'[number in (3, 6, 7)]}" for number in range(1, 8)]
    lefts = [8, 12, 16, 8, 12, 16, 20]
    raw = {
        "images": [{"id": n, "file_name": f"{name}.png"} for n, name in enumerate(names)],
        "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "Tram"}],
        "annotations": [
            *({"image_id": n, "category_id": 1, "bbox": [left, 24, 24, 16]} for n, left in enumerate(lefts)),
            {"image_id": 3, "category_id": 2, "bbox": [0, 0, 9, 9]},
        ],
    }
    file = world / "boxes.json"
    file.write_text(json.dumps(raw))
    coco, own = _images(world, boxes=str(file)), _images(world)
    for part in ("train", "test"):
        one, two = (pictures_of(config, part, "visible_only").boxes for config in (coco, own))
        assert one.keys() == two.keys()
        for name in one:
            np.testing.assert_allclose(one[name].corners, two[name].corners)
            assert one[name].classes.tolist() == two[name].classes.tolist() == [2]
    assert "test: boxes of Tram are left out: no class of the set." in notes_on_boxes(coco)
    assert file in files_of(coco, "train", "visible_only")
    raw["categories"] = [{"id": 1, "name": "Tram"}]
    file.write_text(json.dumps(raw))
    with pytest.raises(UserError, match="expected boxes of Person, Bicycle, Car; got boxes of Tram"):
        notes_on_boxes(coco)


def test_a_folder_of_boxes_may_have_a_folder_of_each_part(world: Path) -> None:
    for part in ("train", "test"):
        (world / "msrs" / part / "boxes" / "fusion").rename(world / "msrs" / part / "boxes" / "mine")
        (world / "own").mkdir(exist_ok=True)
        (world / "own" / part).symlink_to(world / "msrs" / part / "boxes" / "mine", target_is_directory=True)
    found = {path.parent.name for path in files_of(_images(world, boxes=str(world / "own")), "train", "infrared_only")}
    assert found == {"train", "ir"}


def test_what_no_detector_can_learn_from_is_one_line(world: Path) -> None:
    other = world / "other" / "test"
    other.mkdir(parents=True)
    for name in ("00004D", "00005D", "00006N", "00007N"):
        Image.fromarray(np.zeros((32, 40), dtype=np.uint8)).save(other / f"{name}.png")
    config = _images(world, folders=(f"Half={world / 'other'}",))
    with pytest.raises(UserError, match="Half has another size than the 80x64 pixels of 00004D, whose boxes are known"):
        pictures_of(config, "test", "Half")
    for name in ("00001D", "00002D", "00003N"):
        (world / BOXES.format("train", name)).write_text("")
    with pytest.raises(UserError, match="there is no box in the 3 training pictures"):
        pictures_of(config, "train", "mean")
    for name in ("00005D", "00006N", "00007N"):
        (world / BOXES.format("test", name)).write_text("")
    with pytest.raises(UserError, match="no class is in 2 test pictures"):
        counted_classes(config)
    with pytest.raises(UserError, match=r"images\.root: expected the folder of msrs"):
        pictures_of(BoxedImagesConfig(), "train", "mean")


def test_an_infrared_image_of_another_size_is_refused_of_every_row_that_reads_it(world: Path) -> None:
    file = world / "msrs" / "test" / "ir" / "00006N.png"
    Image.fromarray(np.zeros((32, 40), dtype=np.uint8)).save(file)
    for method in ("infrared_only", "mean"):
        with pytest.raises(UserError, match=r"ir/00006N.png has 40x32 pixels: expected 80x64, as .*vi/00006N.png has"):
            check_pictures(_images(world), "test", method)
    check_pictures(_images(world), "test", "visible_only")


def test_pictures_of_both_parts_with_one_name_have_boxes_of_their_own(world: Path) -> None:
    for kind in ("vi", "ir"):
        (world / "msrs" / "train" / kind / "00001D.png").rename(world / "msrs" / "train" / kind / "00004D.png")
    raw = {
        "images": [{"id": n, "file_name": f"{part}/vi/00004D.png"} for n, part in enumerate(("test", "train"))],
        "categories": [{"id": 1, "name": "Car"}],
        "annotations": [{"image_id": n, "category_id": 1, "bbox": [0, 0, 9 + n, 9]} for n in (0, 1)],
    }
    (world / "boxes.json").write_text(json.dumps(raw))
    config = _images(world, boxes=str(world / "boxes.json"))
    for part, width in (("train", 10), ("test", 9)):
        assert {name: each.corners.tolist() for name, each in pictures_of(config, part, "mean").boxes.items()} == {
            "00004D": [[0, 0, width, 9]]
        }
