"""IoU and accuracy of classes, held against scikit-learn, on any set of pictures."""

from __future__ import annotations

import numpy as np
import pytest

from smfnet.tasks.segmentation.confusion import accuracies, confusion, ious, split_values

metrics = pytest.importorskip("sklearn.metrics")
K = 5


@pytest.fixture(scope="module")
def pictures() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    label = rng.integers(0, K, (6, 20, 30)).astype(np.uint8)
    guess = np.where(rng.random(label.shape) < 0.6, label, rng.integers(0, K, label.shape)).astype(np.uint8)
    return label, guess


@pytest.mark.parametrize("some", [[0, 1, 2, 3, 4, 5], [2, 5], [4]])
def test_any_set_of_pictures_has_the_values_of_scikit_learn(
    pictures: tuple[np.ndarray, np.ndarray], some: list[int]
) -> None:
    label, guess = (each[some] for each in pictures)
    counts = sum(confusion(one, other, K) for one, other in zip(label, guess, strict=True))
    flat = label.ravel(), guess.ravel()
    np.testing.assert_array_equal(counts, metrics.confusion_matrix(*flat, labels=range(K)))
    np.testing.assert_allclose(ious(counts), metrics.jaccard_score(*flat, average=None), rtol=1e-12)
    np.testing.assert_allclose(accuracies(counts), metrics.recall_score(*flat, average=None), rtol=1e-12)


def test_values_of_pictures_have_the_means_of_the_split_and_leave_one_class_out(
    pictures: tuple[np.ndarray, np.ndarray],
) -> None:
    label, guess = pictures
    counts = np.stack([confusion(one, other, K) for one, other in zip(label, guess, strict=True)])
    counted = (0, 1, 3, 4)
    values = split_values(counts, counted).mean(0)
    flat = label.ravel(), guess.ravel()
    iou, accuracy = (
        score(*flat, average=None)[list(counted)] for score in (metrics.jaccard_score, metrics.recall_score)
    )
    np.testing.assert_allclose(values, [*iou, accuracy.mean(), iou.mean()], rtol=1e-12)


def test_pixels_of_no_class_are_not_counted_and_an_absent_class_has_no_iou() -> None:
    label, guess = np.array([0, 0, 1, 255], dtype=np.uint8), np.array([0, 1, 1, 2], dtype=np.uint8)
    counts = confusion(label, guess, 3)
    assert counts.sum() == 3
    np.testing.assert_array_equal(ious(counts), [0.5, 0.5, np.nan])
    np.testing.assert_array_equal(accuracies(counts), [0.5, 1.0, np.nan])
