"""Banded matrices filter like SciPy's correlations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from smfnet.losses.filters import separable, sobel

SCIPY_MODES = {"constant": "constant", "edge": "nearest", "reflect": "mirror"}


@pytest.mark.parametrize("border", SCIPY_MODES)
def test_separable_equals_two_correlations(image: Callable[..., Tensor], border: str) -> None:
    values, taps = image(2, 9, 14), (0.1, -0.4, 0.3, 0.7, 0.2)
    rows = ndimage.correlate1d(values.numpy(), taps, axis=2, mode=SCIPY_MODES[border])
    both = ndimage.correlate1d(rows, (1.0, 2.0, 3.0), axis=3, mode=SCIPY_MODES[border])
    np.testing.assert_allclose(separable(values, taps, (1.0, 2.0, 3.0), border), both, rtol=1e-12, atol=1e-12)


def test_sobel_equals_scipy(image: Callable[..., Tensor]) -> None:
    values = image()
    horizontal, vertical = sobel(values, "constant")
    for ours, axis in ((horizontal, 3), (vertical, 2)):
        for one, plane in zip(ours[:, 0], values[:, 0], strict=True):
            expected = ndimage.sobel(plane.numpy(), axis=axis - 2, mode="constant")
            np.testing.assert_allclose(one, expected, rtol=1e-12, atol=1e-12)


def test_a_border_wider_than_the_image_is_reflected_more_than_once() -> None:
    values = torch.tensor([[[[0.0, 1.0, 0.0]]]], dtype=torch.float64)
    window = (1.0,) * 11
    expected = np.pad([0.0, 1.0, 0.0], 5, mode="reflect")
    assert separable(values, (1.0,), window, "reflect")[..., 1].item() == expected[1:12].sum()


def test_a_matrix_made_under_inference_mode_serves_a_backward_pass() -> None:
    values = torch.rand(1, 1, 5, 23)  # sizes that no other test uses
    with torch.inference_mode():
        sobel(values, "constant")
    values.requires_grad_()
    sobel(values, "constant")[0].sum().backward()
    assert values.grad is not None
