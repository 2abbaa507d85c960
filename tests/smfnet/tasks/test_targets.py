"""Boxes as tensors: what a detector is told, what is done to it at random, and what it answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from smfnet.tasks.detection.boxes import Boxes
from smfnet.tasks.detection.targets import found_in, labels_of, mirrored, padded, window

FRAME = (40, 80)  # height and width
ONE = Boxes.of([[20, 10, 40, 20]], [2])
TWO = Boxes.of([[0, 0, 8, 4], [72, 36, 80, 40]], [0, 1])
NONE = Boxes.of([], [])


def test_boxes_are_padded_to_the_picture_with_most_and_told_by_centre_and_size() -> None:
    corners, classes = padded([ONE, TWO, NONE], FRAME)
    assert classes.tolist() == [[2, -1], [0, 1], [-1, -1]]
    torch.testing.assert_close(corners[0, 0], torch.tensor([0.25, 0.25, 0.5, 0.5]))
    one, two, none = labels_of(corners, classes)
    torch.testing.assert_close(one["boxes"], torch.tensor([[0.375, 0.375, 0.25, 0.25]]))
    assert (one["class_labels"].tolist(), two["class_labels"].tolist()) == ([2], [0, 1])
    assert (none["boxes"].shape, none["class_labels"].shape) == ((0, 4), (0,))


def test_pictures_that_are_all_empty_can_be_batched() -> None:
    corners, classes = padded([NONE, NONE], FRAME)
    assert (corners.shape, classes.tolist()) == ((2, 1, 4), [[-1], [-1]])


def test_a_mirrored_picture_has_its_boxes_where_its_objects_are() -> None:
    images = torch.zeros(2, 1, *FRAME)
    images[:, :, 10:20, 20:40] = 1
    corners, _ = padded([ONE, ONE], FRAME)
    turned, moved = mirrored(images, corners, torch.tensor([True, False]))
    for image, (left, top, right, bottom) in zip(turned, moved[:, 0].tolist(), strict=True):
        inside = image[:, round(top * 40) : round(bottom * 40), round(left * 80) : round(right * 80)]
        assert (inside.sum(), inside.numel()) == (image.sum(), 200)
    assert moved[0, 0].tolist() == pytest.approx([0.5, 0.25, 0.75, 0.5])
    assert moved[1, 0].tolist() == corners[1, 0].tolist()


def test_a_window_keeps_what_has_its_middle_in_it_cut_at_its_edge() -> None:
    images = torch.arange(80.0).expand(2, 1, *FRAME)
    corners, classes = padded([ONE, TWO], FRAME)
    cut, moved, kinds = window(images, corners, classes, place=(8, 24), size=(20, 40))
    assert cut.shape == images.shape
    assert (float(cut.min()), float(cut.max())) == (24, 63)
    assert kinds.tolist() == [[2, -1], [-1, -1]]
    assert moved[0, 0].tolist() == pytest.approx([0, 0.1, 0.4, 0.6])  # 4 of its 20 columns are cut off


def test_a_window_of_the_whole_changes_nothing() -> None:
    images = torch.rand(1, 3, *FRAME)
    corners, classes = padded([TWO], FRAME)
    cut, moved, kinds = window(images, corners, classes, place=(0, 0), size=FRAME)
    torch.testing.assert_close(cut, images)
    torch.testing.assert_close(moved, corners)
    assert kinds.tolist() == classes.tolist()


def test_what_is_found_is_in_pixels_the_surest_first_and_ends_at_the_picture_s_edge() -> None:
    scores = torch.tensor([[-9.0, 0.0, -8.0], [2.0, -7.0, -9.0]])
    boxes = torch.tensor([[0.375, 0.375, 0.25, 0.25], [0.95, 0.5, 0.2, 0.5]])
    found = found_in(scores, boxes, FRAME, (40, 78))  # a frame of which the picture lacks two columns
    assert found.classes[:2].tolist() == [0, 1]
    assert len(found.classes) == 6
    np.testing.assert_allclose(found.corners[:2], [[68, 10, 78, 30], [20, 10, 40, 20]], atol=1e-4)
    np.testing.assert_allclose(found.scores[:2], [1 / (1 + np.exp(-2)), 0.5], atol=1e-6)


def test_boxes_outside_of_the_picture_are_none() -> None:
    found = found_in(torch.zeros(1, 2), torch.tensor([[0.99, 0.5, 0.01, 0.5]]), FRAME, (40, 78))
    assert found.corners.shape == (0, 4)
