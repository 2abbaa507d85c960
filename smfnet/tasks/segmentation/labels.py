"""Label files: a number of a class for each pixel, beside the images of their scenes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assay.config.errors import UserError
from smfnet.data.images import decoded, values_of
from smfnet.tasks.segmentation.classes import CLASSES, FEWEST_PICTURES, UNKNOWN

__all__ = ["counted_in", "label_folder", "label_in", "pictures_with", "pixels_of"]

_FOLDERS = ("label", "labels", "Segmentation_labels")


def label_folder(part: Path) -> Path | None:
    """Where a part of a data set (`msrs/test`) has its labels; None if there is no such folder."""
    return next((part / name for name in _FOLDERS if (part / name).is_dir()), None)


def label_in(path: Path) -> NDArray[np.uint8]:
    """Classes of the pixels, (H, W); `UNKNOWN` where the number is that of no class.

    Raises:
        UserError: the file is damaged, or has colours.
    """
    return decoded(path, lambda image, _: _classes_in(image, path))


def pixels_of(labels: Iterable[Path]) -> NDArray[np.int64]:
    """How many pixels of each class a picture has, (N, classes)."""
    counts = [np.bincount(label_in(path).ravel(), minlength=UNKNOWN + 1)[: len(CLASSES)] for path in labels]
    return np.array(counts, dtype=np.int64).reshape(-1, len(CLASSES))


def pictures_with(labels: Iterable[Path]) -> Counter[int]:
    """In how many pictures each class is."""
    return Counter(dict(enumerate((pixels_of(labels) > 0).sum(0).tolist())))


def counted_in(pictures: Mapping[int, int]) -> tuple[int, ...]:
    """Places of the classes that are in the means: those with pixels in two pictures or more."""
    return tuple(place for place in range(len(CLASSES)) if pictures.get(place, 0) >= FEWEST_PICTURES)


def _classes_in(image: Image.Image, path: Path) -> NDArray[np.uint8]:
    values = np.asarray(image) if image.mode == "P" else values_of(image)  # a palette's numbers are the classes
    if values.ndim != 2:
        raise UserError(f"{path}: expected a label, a number of a class for each pixel; it has colours")
    return np.where(values < len(CLASSES), values, UNKNOWN).astype(np.uint8)
