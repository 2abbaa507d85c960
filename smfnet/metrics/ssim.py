"""SSIM: structural similarity of the fused image to its sources."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from smfnet.metrics.windows import strips

__all__ = ["structural_similarities", "structural_similarity"]

TAPS = 7
PIXELS = TAPS**2
K1, K2 = 0.01, 0.03


def structural_similarity(fused: Tensor, sources: Tensor, data_ranges: Sequence[float] = (2.0,)) -> tuple[Tensor, ...]:
    """Mean SSIM with each source, added up over the sources, in the convention of scikit-image.

    7x7 uniform window inside the image, sample covariance (divided by 48). The published tables are made with data
    range 2 on grey levels 0..255: scikit-image before 0.20 took it from the float type. It makes the constants tiny
    (C1 = 0.0004, C2 = 0.0036), so that small variances must be exact.

    Args:
        fused: whole grey levels 0..255, float32 or float64, shape (B, 1, H, W), H and W at least 7.
        sources: likewise, shape (B, S, H, W).
        data_ranges: one result for each.

    Returns:
        For each data range, shape (B,), float64, in [-S, S].
    """
    slices = strips(fused.shape[2], len(fused) * fused.shape[3], TAPS, fused.device, pixels=2**14)
    parts = [_sums_over_windows(fused[:, :, rows], sources[:, :, rows], data_ranges) for rows in slices]
    windows = (fused.shape[2] - TAPS + 1) * (fused.shape[3] - TAPS + 1)
    return tuple(torch.stack(part).sum(dim=(0, 2)) / windows for part in zip(*parts, strict=True))


def structural_similarities(fused: Tensor, sources: Tensor) -> tuple[Tensor, ...]:
    """With the data range of the published tables, 2, and with 255; shapes as above."""
    return structural_similarity(fused, sources, data_ranges=(2.0, 255.0))


def _sums_over_windows(fused: Tensor, sources: Tensor, data_ranges: Sequence[float]) -> list[Tensor]:
    """Sums of the local similarities, (B, S) for each data range."""
    products, squares, covariance, variance = _moments(fused, sources)
    sums = []
    for data_range in data_ranges:
        c1, c2 = PIXELS**2 * (K1 * data_range) ** 2, PIXELS * (PIXELS - 1) * (K2 * data_range) ** 2
        similarity = (products + c1 / 2).mul_(covariance + c2 / 2)
        similarity /= (squares + c1).mul_(variance + c2)
        sums.append(4 * similarity.sum(dim=(2, 3)))
    return sums


def _moments(fused: Tensor, sources: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Local f s and f^2 + s^2 of the means, covariance, and sum of the two variances; (B, S, h, w), float64.

    The first two are multiplied by n^2, the others by n (n - 1), n the pixels of a window: all are then whole numbers.
    Sums over a window are below 2^24, exact in float32; their products are taken in float64.
    """
    count = sources.shape[1]
    stack = torch.cat([fused, sources, fused.square() + sources.square(), fused * sources], dim=1)
    f, s, ff_ss, fs = _window_sums(stack).double().split([1, count, count, count], dim=1)
    products, squares = f * s, s.square().addcmul_(f, f)
    return products, squares, fs.mul_(PIXELS).sub_(products), ff_ss.mul_(PIXELS).sub_(squares)


def _window_sums(images: Tensor) -> Tensor:
    """Sums over all windows of 7 = 4 + 2 + 1 pixels, along both axes; (..., H, W) -> (..., H - 6, W - 6)."""
    for axis in (-2, -1):
        length = images.shape[axis]
        two = images.narrow(axis, 0, length - 1) + images.narrow(axis, 1, length - 1)
        four = two.narrow(axis, 0, length - 3) + two.narrow(axis, 2, length - 3)
        seven = four.narrow(axis, 0, length - 6) + two.narrow(axis, 4, length - 6)
        images = seven.add_(images.narrow(axis, 6, length - 6))
    return images
