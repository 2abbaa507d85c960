"""Edges against SciPy, and the two losses made of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from smfnet.losses.gradient import edges, fused_gradient_loss, gradient_loss

OPERATORS = ("abs_sum", "magnitude")


def _scipy_edges(image: Tensor, operator: str) -> np.ndarray:
    planes = image[:, 0].numpy()
    x, y = (np.stack([ndimage.sobel(plane, axis=axis, mode="constant") for plane in planes]) for axis in (1, 0))
    return (np.abs(x) + np.abs(y) if operator == "abs_sum" else np.hypot(x, y))[:, None]


@pytest.mark.parametrize("operator", OPERATORS)
def test_edges_equal_scipy(image: Callable[..., Tensor], operator: str) -> None:
    values = image()
    np.testing.assert_allclose(edges(values, operator), _scipy_edges(values, operator), rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("operator", OPERATORS)
def test_losses_equal_their_formulas(image: Callable[..., Tensor], operator: str) -> None:
    fused, ir, vi = image(), image(), image()
    k_fused, k_ir, k_vi = (_scipy_edges(values, operator) for values in (fused, ir, vi))
    reconstruction = np.abs(k_fused - k_ir).mean((1, 2, 3))
    fusion = np.abs(k_fused - np.maximum(k_ir, k_vi)).mean((1, 2, 3))
    np.testing.assert_allclose(gradient_loss(fused, ir, operator), reconstruction, rtol=1e-9)
    np.testing.assert_allclose(fused_gradient_loss(fused, ir, vi, operator), fusion, rtol=1e-9)


@pytest.mark.parametrize("operator", OPERATORS)
def test_equal_images_have_no_loss_and_a_flat_one_a_finite_gradient(operator: str) -> None:
    flat = torch.full((1, 1, 8, 8), 0.5, dtype=torch.float64, requires_grad=True)
    loss = gradient_loss(flat, flat.detach(), operator)
    loss.sum().backward()
    assert loss.item() == 0
    assert torch.isfinite(flat.grad).all()
    assert edges(flat, operator)[..., 1:-1, 1:-1].max() <= 1e-6


@pytest.mark.parametrize("operator", OPERATORS)
def test_gradient(image: Callable[..., Tensor], operator: str) -> None:
    fused, ir, vi = image(1, 5, 6).requires_grad_(), image(1, 5, 6), image(1, 5, 6)
    assert torch.autograd.gradcheck(lambda x: gradient_loss(x, ir, operator), fused)
    assert torch.autograd.gradcheck(lambda x: fused_gradient_loss(x, ir, vi, operator), fused)
