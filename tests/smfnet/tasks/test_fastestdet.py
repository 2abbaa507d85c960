"""The frozen detector: what its numbers mean, and a file that is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assay.config.errors import UserError
from smfnet.tasks.detection.boxes import Boxes
from smfnet.tasks.detection.classes import COCO, coco_name
from smfnet.tasks.detection.fastestdet import FastestDet, _kept
from tests.smfnet.tasks.constant_network import constant_network

pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")


def test_a_cell_is_a_box_around_its_place_with_score_and_class(detector_file: Path) -> None:
    found = FastestDet(detector_file)(np.zeros((220, 440), dtype=np.uint8))
    assert [COCO[place] for place in found.classes] == ["car", "person"]
    np.testing.assert_allclose(found.scores, [0.9, 0.5], rtol=1e-6)  # 0.9^0.6 0.9^0.4
    np.testing.assert_allclose(found.corners[0], [440 * 0.25, 220 * 0.25, 440 * 0.75, 220 * 0.75])
    assert found.corners[1].tolist() == [
        0,
        0,
        pytest.approx(440 * (4 / 22 + 0.25)),
        pytest.approx(220 * (4 / 22 + 0.25)),
    ]


def test_of_two_boxes_of_one_class_that_overlap_the_surer_one_is_kept() -> None:
    corners = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 10], [20, 0, 30, 10]], dtype=float)
    kept = _kept(Boxes(corners, np.array([0, 0, 1, 0]), np.array([0.5, 0.8, 0.3, 0.1])))
    assert kept.scores.tolist() == [0.8, 0.3, 0.1]


@pytest.mark.parametrize("content", [None, b"no ONNX"])
def test_a_file_that_is_no_detector_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "detector.onnx"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError) as told:
        FastestDet(file)
    assert "\n" not in str(told.value)
    assert str(file) in str(told.value)


@pytest.mark.parametrize(
    ("reads", "gives", "told"),
    [
        ([1, 3, "h", "w"], [1, 85, 22, 22], r"reads numbers \[1, 3, height, width\]; it reads \[1, 3, 'h', 'w'\]"),
        ([2, 3, 352, 352], [1, 85, 22, 22], r"it reads \[2, 3, 352, 352\]"),
        ([1, 1, 352, 352], [1, 85, 22, 22], r"it reads \[1, 1, 352, 352\]"),
        ([352, 352], [1, 85, 22, 22], r"it reads \[352, 352\]"),
        ([1, 3, 352, 352], [1, 84, 22, 22], r"85 numbers a cell; it gives \[1, 84, 22, 22\]"),
        ([1, 3, 352, 352], [1, 85, 484], r"85 numbers a cell; it gives \[1, 85, 484\]"),
    ],
)
def test_a_network_of_other_shapes_is_one_line(
    tmp_path: Path, reads: list[int | str], gives: list[int], told: str
) -> None:
    with pytest.raises(UserError, match=told) as error:
        FastestDet(constant_network(tmp_path, np.zeros(gives), reads))
    assert "\n" not in str(error.value)


def test_a_network_that_cannot_read_a_black_image_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"detector.onnx is no detector that can be read: .*float16") as error:
        FastestDet(constant_network(tmp_path, np.zeros((1, 85, 22, 22)), kind="FLOAT16"))
    assert "\n" not in str(error.value)


def test_a_batch_of_any_number_is_one_image(tmp_path: Path) -> None:
    detector = FastestDet(constant_network(tmp_path, np.zeros((1, 85, 2, 1)), ["batch", 3, 64, 32]))
    assert len(detector(np.zeros((10, 10), dtype=np.uint8)).scores) == 0


def test_classes_of_data_sets_are_mapped_by_name() -> None:
    assert (len(set(COCO)), COCO[9], COCO[79]) == (80, "traffic light", "toothbrush")
    names = ("Person", "Bicycle", "Car", "People", "Motor", "Truck", "Lamp")
    assert [coco_name(name) for name in names] == ["person", "bicycle", "car", "person", "motorcycle", "truck", None]
