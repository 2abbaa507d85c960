"""Labels of boxes as people have them: what is no box is told and left out."""

from __future__ import annotations

import json
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


@pytest.mark.parametrize("text", ["{", "[]", '{"images": []}', '{"images": [{}], "annotations": [], "categories": []}'])
def test_a_file_that_is_not_coco_s_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "boxes.json").write_text(text)
    with pytest.raises(UserError) as told:
        coco_truth(tmp_path / "boxes.json", SIZES)
    assert "\n" not in str(told.value)
    assert "boxes.json" in str(told.value)


def test_a_folder_without_the_scenes_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected a folder of boxes at"):
        yolo_truth(tmp_path / "none", ("Car",), SIZES)
    with pytest.raises(UserError, match=r"expected a\.txt"):
        yolo_truth(tmp_path, ("Car",), SIZES)
