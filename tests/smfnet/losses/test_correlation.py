"""Correlation against SciPy's Pearson coefficient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr
from torch import Tensor

from smfnet.losses.correlation import correlation

MODES = ("per_channel", "global")


def _pair(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(2, *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_per_channel_is_the_mean_of_pearson_coefficients() -> None:
    a, b = _pair(2, 3, 6, 7)
    b = b + 0.5 * a
    rows = zip(a.flatten(0, 1).flatten(1), b.flatten(0, 1).flatten(1), strict=True)
    expected = np.mean([pearsonr(x, y).statistic for x, y in rows])
    assert correlation(a, b, "per_channel").item() == pytest.approx(expected, abs=1e-7)


def test_global_is_one_pearson_coefficient() -> None:
    a, b = _pair(2, 3, 6, 7)
    b = 4 + b - 2 * a
    assert correlation(a, b, "global").item() == pytest.approx(pearsonr(a.flatten(), b.flatten()).statistic, abs=1e-7)


@given(st.integers(0, 10**6), st.integers(3, 6), st.floats(0.1, 100), st.floats(-100, 100), st.sampled_from(MODES))
def test_bounds_and_what_does_not_change_it(seed: int, size: int, scale: float, shift: float, mode: str) -> None:
    a, b = _pair(2, 2, size, size + 1, seed=seed)
    value = correlation(a, b, mode)
    assert value.abs() <= 1 + 1e-9
    torch.testing.assert_close(value, correlation(b, a, mode))
    torch.testing.assert_close(correlation(a, scale * b + shift, mode), value, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(correlation(a, -b, mode), -value)


@pytest.mark.parametrize("mode", MODES)
def test_of_a_map_with_itself(mode: str) -> None:
    a, _ = _pair(2, 3, 6, 7)
    assert correlation(a, a, mode).item() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("level", [0.0, 0.3, 100.0])
def test_a_constant_map_has_correlation_0_and_a_finite_gradient(level: float, mode: str, dtype: torch.dtype) -> None:
    a = torch.full((2, 3, 16, 16), level, dtype=dtype, requires_grad=True)
    b = _pair(2, 3, 16, 16)[0].to(dtype).requires_grad_()
    value = correlation(a, b, mode)
    value.backward()
    assert abs(value.item()) < 1e-3
    assert torch.isfinite(a.grad).all()
    assert torch.isfinite(b.grad).all()
    assert a.grad.norm() < 1e3


def test_half_precision_is_computed_in_float32() -> None:
    a, b = _pair(2, 3, 32, 32).bfloat16()
    value = correlation(a, b, "per_channel")
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, correlation(a.float(), b.float(), "per_channel"))


@pytest.mark.parametrize("mode", MODES)
def test_gradient(mode: str) -> None:
    a, b = (part.clone().requires_grad_() for part in _pair(2, 2, 3, 4))
    assert torch.autograd.gradcheck(lambda x, y: correlation(x, y, mode), (a, b))
