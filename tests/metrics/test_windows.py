"""Sliding windows against SciPy's convolution, and strips that add up to the image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.signal import convolve2d
from torch import Tensor

from smfnet.metrics import measure
from smfnet.metrics.windows import local_moments, slide, strips

Triples = Callable[..., tuple[Tensor, Tensor, Tensor]]


def _random(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize(
    ("height", "width", "taps"), [(17, 17, 17), (40, 33, 9), (70, 131, 5), (3, 65, 3), (64, 66, 3)]
)
def test_windows_are_those_of_a_valid_convolution(height: int, width: int, taps: int, step: int) -> None:
    images, window = _random(2, 3, height, width), _random(taps)
    ours = slide(images, window, step).flatten(0, 1)
    kernel = np.outer(window, window)[::-1, ::-1]
    for result, image in zip(ours, images.flatten(0, 1), strict=True):
        np.testing.assert_allclose(result, convolve2d(image, kernel, mode="valid")[::step, ::step], rtol=1e-12)


def test_moments_are_those_of_each_window() -> None:
    fused, sources = _random(2, 1, 9, 8), _random(2, 2, 9, 8) + 1
    moments = local_moments(torch.cat([fused, sources], dim=1), torch.full((3,), 1 / 3, dtype=torch.float64))
    f, s = fused[1, 0, 4:7, 2:5].flatten(), sources[1, 1, 4:7, 2:5].flatten()
    covariance = torch.cov(torch.stack([f, s]), correction=0)
    here = (moments.fused_variance[1, 0, 4, 2], moments.source_variance[1, 1, 4, 2], moments.covariance[1, 1, 4, 2])
    torch.testing.assert_close(torch.stack(here), torch.stack([covariance[0, 0], covariance[1, 1], covariance[0, 1]]))


@pytest.mark.parametrize("height", [17, 18, 48, 49, 300])
def test_strips_hold_each_window_once(height: int) -> None:
    images = torch.zeros(1, 1, height, 2**15)  # so wide that a strip has its least height
    starts = [first for rows in strips(images, 17) for first in range(rows.start, rows.stop - 16)]
    assert starts == list(range(height - 16))


def test_the_size_of_the_strips_does_not_matter(triple: Triples) -> None:
    images = triple(200, 60)  # alone in one strip, eight of them in several
    together = measure(*(image.expand(8, -1, -1, -1) for image in images))
    for name, value in measure(*images).items():
        torch.testing.assert_close(together[name], value.expand(8), rtol=1e-12, atol=0)
