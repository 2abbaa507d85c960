"""Small copies of images, to be looked at and never measured."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from smfnet.config.value_range import ValueRange
from smfnet.data.images import read_pixels

__all__ = ["small_copy"]

QUALITY = 85  # of JPEG, of 100


def small_copy(path: Path, within: ValueRange | None, longest: int) -> bytes:
    """A JPEG of an image.

    Args:
        path: the file; see `read_grey` for kinds and errors.
        within: values that become black and white.
        longest: pixels of its longer side, at most.
    """
    levels = np.clip(np.rint(read_pixels(path, within)), 0, 255).astype(np.uint8)
    image, file = Image.fromarray(levels), io.BytesIO()
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    image.save(file, format="JPEG", quality=QUALITY, subsampling=0)
    return file.getvalue()
