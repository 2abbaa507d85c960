"""Labels of boxes as people have them: what is no box is told and left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assay.config.errors import UserError
from smfnet.tasks.detection.boxes import coco_truth, yolo_truth

SIZES = {"a": (50, 100), "b": (50, 100), "c": (50, 100)}
GOOD = "0 0.5 0.5 0.2 0.4\n"


def test_yolos_lines_are_shares_of_the_image_and_a_scene_without_a_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(GOOD + "\n1 0.05 0.5 0.2 0.4  \n")
    (tmp_path / "b.txt").write_text("")
    truth = yolo_truth(tmp_path, ("Person", "Car"), SIZES)
    np.testing.assert_allclose(truth.boxes["a"].corners, [[40, 15, 60, 35], [0, 15, 15, 35]])  # cut at the edge
    assert truth.boxes["a"].classes.tolist() == [0, 1]
    assert truth.boxes["b"].corners.shape == (0, 4)
    assert (sorted(truth.boxes), truth.notes) == (["a", "b"], ())


@pytest.mark.parametrize(
    "line",
    ["2 .5 .5 .1 .1", "-1 .5 .5 .1 .1", "0 .5 .5 .1", "0 .5 .5 0 .1", "0 .5 nan .1 .1", "0 50 25 10 10", "a b c d e",
     "0.5 .5 .5 .1 .1"],
)  # fmt: skip
def test_a_line_that_is_no_box_is_told_and_left_out(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.txt").write_text(f"{GOOD}{line}\n")
    truth = yolo_truth(tmp_path, ("Person", "Car"), SIZES)
    assert len(truth.boxes["a"].corners) == 1
    assert truth.notes == (f"1 label is no box in its image, and is left out: line 2 of a.txt: {line}.",)


def test_coco_s_file_gives_the_boxes_that_yolo_s_files_give(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(GOOD)
    raw = {
        "images": [
            {"id": 7, "file_name": "test/a.jpg"},
            {"id": 8, "file_name": "b.png"},
            {"id": 9, "file_name": "z.png"},
        ],
        "categories": [{"id": 3, "name": "Person"}, {"id": 5, "name": "Car"}],
        "annotations": [
            {"image_id": 7, "category_id": 3, "bbox": [40, 15, 20, 20]},
            {"image_id": 8, "category_id": 4, "bbox": [40, 15, 20, 20]},
            {"image_id": 8, "category_id": 5, "bbox": [40, 15, -20, 20]},
            {"image_id": 8, "category_id": [5], "bbox": [40, 15, 20, 20]},
            {"image_id": 9, "category_id": 4, "bbox": None},
            {"image_id": 10, "category_id": 5, "bbox": [40, 15, 20, 20]},
        ],
    }
    (tmp_path / "boxes.json").write_text(json.dumps(raw))
    coco, yolo = coco_truth(tmp_path / "boxes.json", SIZES), yolo_truth(tmp_path, ("Person", "Car"), SIZES)
    np.testing.assert_allclose(coco.boxes["a"].corners, yolo.boxes["a"].corners)
    assert coco.classes == yolo.classes
    assert (sorted(coco.boxes), len(coco.boxes["b"].corners)) == (["a", "b"], 0)
    assert coco.notes == (
        "4 labels are no boxes and are left out: b in boxes.json: category 4, bbox [40, 15, 20, 20].",
    )


def _file(tmp_path: Path, *images: dict[str, object], categories: Sequence[str] = ("Car",)) -> Path:
    """Each image with a box as wide as its number."""
    annotations = [{"image_id": n, "category_id": 0, "bbox": [0, 0, n, 9]} for n in range(1, len(images) + 1)]
    raw = {
        "images": [{"id": n, **each} for n, each in enumerate(images, 1)],
        "annotations": annotations,
        "categories": [{"id": n, "name": name} for n, name in enumerate(categories)],
    }
    (tmp_path / "boxes.json").write_text(json.dumps(raw))
    return tmp_path / "boxes.json"


def test_pictures_of_one_name_are_told_apart_by_the_part_that_they_are_in(tmp_path: Path) -> None:
    names = ("train/a.png", "msrs/Test/vi/a.png", "train\\b.png", "old/train/test/c.png")
    file = _file(tmp_path, *({"file_name": name} for name in names))
    test, train = coco_truth(file, SIZES, "test", ["train"]), coco_truth(file, SIZES, "train", ["test"])
    assert {scene: boxes.corners[:, 2].tolist() for scene, boxes in test.boxes.items()} == {"a": [2], "c": [4]}
    assert {scene: boxes.corners[:, 2].tolist() for scene, boxes in train.boxes.items()} == {"a": [1], "b": [3]}
    assert test.notes == train.notes == ()
    with pytest.raises(UserError, match=r"expected b\.\* among its file names, in no folder of train"):
        coco_truth(file, {"b": (50, 100)}, "test", ["train"])


@pytest.mark.parametrize(
    ("first", "second"), [("a.png", "a.jpg"), ("ir/a.png", "vi/a.png"), ("test/a.png", "a.png"), ("a.png", "a.png")]
)
def test_two_pictures_of_one_name_that_nothing_tells_apart_are_refused(tmp_path: Path, first: str, second: str) -> None:
    file = _file(tmp_path, {"file_name": first}, {"file_name": second})
    with pytest.raises(UserError, match=f"boxes.json: {first} and {second} are two images called a: expected one"):
        coco_truth(file, SIZES, "test", ["train"])
    assert not coco_truth(_file(tmp_path, {"file_name": "b.png"}), SIZES).notes


def test_a_size_that_is_not_the_picture_s_is_refused(tmp_path: Path) -> None:
    right, unknown, foreign = {"width": 100, "height": 50}, {"width": None}, {"file_name": "z.png", "width": 7}
    file = _file(tmp_path, {"file_name": "a.png", **right}, {"file_name": "b.png", **unknown}, foreign)
    assert sorted(coco_truth(file, SIZES).boxes) == ["a", "b"]
    for told, seen in (({"width": 50, "height": 100}, "50x100"), ({"height": "many"}, r"\?xmany")):
        file = _file(tmp_path, {"file_name": "c.png", **told})
        with pytest.raises(UserError, match=rf"tells of {seen} pixels of c\.png: its visible image has 100x50"):
            coco_truth(file, SIZES)


def test_two_parts_with_one_id_are_refused(tmp_path: Path) -> None:
    file = _file(tmp_path, {"file_name": "a.png"}, {"file_name": "b.png", "id": 1})
    with pytest.raises(UserError, match="two of its images have the id 1: expected one"):
        coco_truth(file, SIZES)


@pytest.mark.parametrize("text", ["{", "[]", '{"images": []}', '{"images": [{}], "annotations": [], "categories": []}'])
def test_a_file_that_is_not_coco_s_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "boxes.json").write_text(text)
    with pytest.raises(UserError) as told:
        coco_truth(tmp_path / "boxes.json", SIZES)
    assert "\n" not in str(told.value)
    assert "boxes.json" in str(told.value)


def test_two_files_of_one_scene_are_refused(tmp_path: Path) -> None:
    for name in ("caf\u00e9.txt", "cafe\u0301.txt"):
        (tmp_path / name).write_text(GOOD)
    with pytest.raises(UserError, match="differ only in their Unicode form: rename or remove one"):
        yolo_truth(tmp_path, ("Car",), {"caf\u00e9": (50, 100)})


def test_a_folder_without_the_scenes_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected a folder of boxes at"):
        yolo_truth(tmp_path / "none", ("Car",), SIZES)
    with pytest.raises(UserError, match=r"expected a\.txt"):
        yolo_truth(tmp_path, ("Car",), SIZES)
