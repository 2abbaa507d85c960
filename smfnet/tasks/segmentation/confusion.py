"""Which class was taken for which: a matrix for each picture, so that any set of pictures has its IoU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from smfnet.tasks.leave_one_out import leave_one_out_values

__all__ = ["accuracies", "confusion", "ious", "split_values"]

Counts = NDArray[np.int64]
Array = NDArray[np.float64]


def confusion(label: NDArray[np.uint8], guess: NDArray[np.uint8], classes: int) -> Counts:
    """Pixels of each class (row) that were taken for each class (column), shape (classes, classes).

    Args:
        label: class of each pixel; pixels of a number that no class has are not counted.
        guess: what it was taken for, of the same shape, each of a class.
    """
    known = label < classes
    pairs = label[known].astype(np.int64) * classes + guess[known]
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def ious(counts: Counts) -> Array:
    """Intersection over union of each class, (..., K) of (..., K, K); nan of one that is in neither."""
    hit = np.diagonal(counts, axis1=-2, axis2=-1)
    return _share(hit, counts.sum(-1) + counts.sum(-2) - hit)


def accuracies(counts: Counts) -> Array:
    """Share of each class's pixels that were found; nan of a class without a pixel."""
    return _share(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(-1))


def split_values(counts: Counts, counted: Sequence[int]) -> Array:
    """Leave-one-out values of a split, a line per picture: IoU of each counted class, mAcc, mIoU.

    Args:
        counts: (N, K, K), a matrix for each picture.
        counted: places of the classes that are in the means, each with pixels in two pictures or more.

    Returns:
        (N, len(counted) + 2); the mean over pictures is the value of the split.
    """
    whole = counts.sum(0)
    return leave_one_out_values(_values(whole, counted), _values(whole - counts, counted))


def _values(counts: Counts, counted: Sequence[int]) -> Array:
    each, found = ious(counts)[..., list(counted)], accuracies(counts)[..., list(counted)]
    return np.concatenate([each, found.mean(-1, keepdims=True), each.mean(-1, keepdims=True)], axis=-1)


def _share(part: Counts, of: Counts) -> Array:
    return np.where(of > 0, part / np.maximum(of, 1), np.nan)
