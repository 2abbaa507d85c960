"""Spatial gradient, intensity and square error: the losses that one line of numpy or kornia gives as well."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from smfnet.losses.intensity import intensity_loss
from smfnet.losses.mse import mse_loss
from smfnet.losses.tv import tv_loss


def test_tv_is_the_distance_of_scipys_derivatives(image: Callable[..., Tensor]) -> None:
    first, second = image(), image()
    planes = (first - second)[:, 0].numpy()
    derivatives = [[ndimage.sobel(plane, axis=axis, mode="nearest") / 8 for axis in (0, 1)] for plane in planes]
    np.testing.assert_allclose(tv_loss(first, second), np.abs(derivatives).mean((1, 2, 3)), rtol=1e-10)


def test_tv_of_a_step_that_is_lost_everywhere() -> None:
    ramp = torch.arange(8, dtype=torch.float64).div(7).expand(1, 1, 8, 8)  # slope 1/7, half of it at both ends
    assert torch.allclose(tv_loss(ramp, torch.zeros_like(ramp)), torch.tensor(7 / 8 / 7 / 2, dtype=torch.float64))


def test_intensity_and_square_error_equal_numpy(image: Callable[..., Tensor]) -> None:
    fused, ir, vi = image(), image(), image()
    brighter = np.maximum(ir.numpy(), vi.numpy())
    np.testing.assert_allclose(intensity_loss(fused, ir, vi), np.abs(fused.numpy() - brighter).mean((1, 2, 3)))
    np.testing.assert_allclose(mse_loss(fused, ir), ((fused.numpy() - ir.numpy()) ** 2).mean((1, 2, 3)))


def test_gradients(image: Callable[..., Tensor]) -> None:
    fused, ir, vi = image(1, 5, 6).requires_grad_(), image(1, 5, 6), image(1, 5, 6)
    assert torch.autograd.gradcheck(lambda x: tv_loss(x, vi), fused)
    assert torch.autograd.gradcheck(lambda x: intensity_loss(x, ir, vi), fused)
    assert torch.autograd.gradcheck(lambda x: mse_loss(x, vi), fused)
