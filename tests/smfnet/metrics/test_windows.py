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
    images, window = _random(height, 2, 3, width), _random(taps)
    kernel = np.outer(window, window)[::-1, ::-1]
    ours = slide(images, window, step)
    assert ours.is_contiguous()
    for result, image in zip(ours.flatten(1, 2).unbind(1), images.flatten(1, 2).unbind(1), strict=True):
        np.testing.assert_allclose(result, convolve2d(image, kernel, mode="valid")[::step, ::step], rtol=1e-12)


def test_moments_are_those_of_each_window() -> None:
    images = _random(9, 3, 2, 8)
    moments = local_moments(images, torch.full((3,), 1 / 3, dtype=torch.float64))
    f, s = images[4:7, 0, 1, 2:5].flatten(), images[4:7, 2, 1, 2:5].flatten()
    covariance = torch.cov(torch.stack([f, s]), correction=0)
    here = (moments.fused_variance[4, 0, 1, 2], moments.source_variance[4, 1, 1, 2], moments.covariance[4, 1, 1, 2])
    torch.testing.assert_close(torch.stack(here), torch.stack([covariance[0, 0], covariance[1, 1], covariance[0, 1]]))


@pytest.mark.parametrize("height", [17, 18, 48, 49, 300])
@pytest.mark.parametrize("width", [1, 500, 2**15])
def test_strips_hold_each_window_once(height: int, width: int) -> None:
    slices = list(strips(height, width, 17, torch.device("cpu")))
    starts = [first for rows in slices for first in range(rows.start, rows.stop - 16)]
    assert starts == list(range(height - 16))
    assert len(slices) > 1 or width * (height - 16) <= 2**15 or height - 16 <= 16


def test_a_gpu_takes_the_image_in_one() -> None:
    assert list(strips(300, 10**6, 7, torch.device("cuda"))) == [slice(0, 300)]


def test_the_size_of_the_strips_does_not_matter(triple: Triples) -> None:
    images = triple(200, 60)  # alone in one strip, eight of them in several
    together = measure(*(image.expand(8, -1, -1, -1) for image in images))
    for name, value in measure(*images).items():
        torch.testing.assert_close(together[name], value.expand(8), rtol=1e-12, atol=0)
