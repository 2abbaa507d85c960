"""SSIM loss against scikit-image and SciPy, and the three readings of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import correlate1d
from skimage.metrics import structural_similarity
from torch import Tensor

from smfnet.losses.ssim import ssim_loss, ssim_map

FORMS = ("one_minus", "half", "kornia020")


def _noisy(image: Tensor, seed: int, amount: float = 0.3) -> Tensor:
    noise = torch.rand(image.shape, generator=torch.Generator().manual_seed(seed), dtype=image.dtype)
    return image.lerp(noise, amount)


def test_the_map_equals_scikit_image_inside(image: Callable[..., Tensor]) -> None:
    first = image(2, 24, 31)
    second = _noisy(first, 1)
    for ours, a, b in zip(ssim_map(first, second)[:, 0], first[:, 0], second[:, 0], strict=True):
        _, expected = structural_similarity(
            *(a.numpy(), b.numpy()),
            data_range=1,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            full=True,
        )
        np.testing.assert_allclose(ours[5:-5, 5:-5], expected[5:-5, 5:-5], rtol=1e-10)  # its border is another one


def test_the_map_equals_scipy_up_to_the_border(image: Callable[..., Tensor]) -> None:
    first, second = image(1, 17, 32), image(1, 17, 32)
    taps = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)

    def mean(values: np.ndarray) -> np.ndarray:
        once = correlate1d(values, taps / taps.sum(), axis=0, mode="mirror")
        return correlate1d(once, taps / taps.sum(), axis=1, mode="mirror")

    a, b = first[0, 0].numpy(), second[0, 0].numpy()
    mean_a, mean_b = mean(a), mean(b)
    covariance = mean(a * b) - mean_a * mean_b
    variances = mean(a * a) - mean_a**2 + mean(b * b) - mean_b**2
    expected = (2 * mean_a * mean_b + 1e-4) * (2 * covariance + 9e-4)
    expected /= (mean_a**2 + mean_b**2 + 1e-4) * (variances + 9e-4)
    np.testing.assert_allclose(ssim_map(first, second)[0, 0], expected, rtol=1e-9)


def test_the_readings_by_hand(image: Callable[..., Tensor]) -> None:
    first = image(2, 12, 30)
    second = torch.cat([_noisy(1 - first[..., :15], 2), first[..., 15:]], dim=3)  # contrast reversed in the left half
    values = ssim_map(first, second)
    assert values.min() < 0 < values.max()
    expected = {
        "one_minus": (1 - values).mean((1, 2, 3)),
        "half": (1 - values).mean((1, 2, 3)) / 2,
        "kornia020": (1 - values).clamp(0, 1).mean((1, 2, 3)) / 2,
    }
    for form in FORMS:
        torch.testing.assert_close(ssim_loss(first, second, form), expected[form])


def test_only_the_released_reading_is_blind_to_reversed_contrast() -> None:
    stripes = (torch.arange(16) % 2).double().expand(1, 1, 16, 16)
    for form, alive in (("one_minus", True), ("half", True), ("kornia020", False)):
        reversed_ = (0.9 - 0.8 * stripes).requires_grad_()
        ssim_loss(reversed_, stripes, form).sum().backward()
        assert bool((reversed_.grad != 0).any()) is alive


@given(st.integers(1, 3), st.integers(6, 20), st.integers(6, 20), st.integers(0, 10**6))
def test_identity_symmetry_and_range(batch: int, height: int, width: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.rand(2, batch, 1, height, width, generator=generator, dtype=torch.float64)
    assert ssim_map(first, second).abs().max() <= 1 + 1e-12
    torch.testing.assert_close(ssim_map(first, second), ssim_map(second, first))
    for form, most in (("one_minus", 2), ("half", 1), ("kornia020", 0.5)):
        assert ssim_loss(first, first, form).abs().max() < 1e-12
        assert ((ssim_loss(first, second, form) >= 0) & (ssim_loss(first, second, form) <= most)).all()


def test_every_image_has_its_own_value(image: Callable[..., Tensor]) -> None:
    first, second = image(3, 9, 9), image(3, 9, 9)
    whole = ssim_loss(first, second, "one_minus")
    alone = torch.cat([ssim_loss(first[i : i + 1], second[i : i + 1], "one_minus") for i in range(3)])
    torch.testing.assert_close(whole, alone)


@pytest.mark.parametrize("form", ["one_minus", "half"])
def test_gradient(image: Callable[..., Tensor], form: str) -> None:
    first, second = image(1, 7, 6).requires_grad_(), image(1, 7, 6)
    assert torch.autograd.gradcheck(lambda x: ssim_loss(x, second, form), first)
