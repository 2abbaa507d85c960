"""Separable image filters as products with banded matrices.

On training patches this is several times as fast as a convolution on a CPU, for any number of images at once.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

__all__ = ["separable", "sobel"]

SMOOTH, DIFFERENCE = (1.0, 2.0, 1.0), (-1.0, 0.0, 1.0)


def separable(image: Tensor, vertical: tuple[float, ...], horizontal: tuple[float, ...], border: str) -> Tensor:
    """Correlate every image with one filter along its columns and one along its rows.

    Args:
        image: (..., H, W), any range.
        vertical, horizontal: an odd number of filter taps each.
        border: what lies outside: `constant` (zeros), `edge` (replicate) or `reflect`; numpy.pad's words.

    Returns:
        The shape of `image`.
    """
    height, width = image.shape[-2:]
    rows = _banded(vertical, height, border, image.dtype, image.device)
    columns = _banded(horizontal, width, border, image.dtype, image.device)
    return rows @ (image @ columns.mT)


def sobel(image: Tensor, border: str) -> tuple[Tensor, Tensor]:
    """Horizontal and vertical derivative by the un-normalised 3 x 3 Sobel filters; eight times the slope of a ramp."""
    return separable(image, SMOOTH, DIFFERENCE, border), separable(image, DIFFERENCE, SMOOTH, border)


@lru_cache
def _banded(taps: tuple[float, ...], size: int, border: str, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The (size, size) matrix whose product with a signal is the filtered signal."""
    half = len(taps) // 2
    padded = np.pad(np.eye(size), ((half, half), (0, 0)), mode=border)  # type: ignore[call-overload]
    matrix = sum(tap * padded[start : start + size] for start, tap in enumerate(taps))
    with torch.inference_mode(False):  # kept for later calls, which may need it in a backward pass
        return torch.as_tensor(matrix, dtype=dtype, device=device)
