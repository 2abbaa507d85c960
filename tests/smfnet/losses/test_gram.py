"""Gram matrices of images and of features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from smfnet.losses.gram import gram_loss, gram_matrix


@pytest.fixture
def features() -> Tensor:
    return torch.randn(2, 3, 6, 7, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def test_of_a_one_channel_image_it_is_the_mean_square(image: Callable[..., Tensor]) -> None:
    values = image()
    np.testing.assert_allclose(gram_matrix(values)[:, 0, 0], (values.numpy() ** 2).mean((1, 2, 3)))


def test_of_features_it_is_all_products_of_channels(features: Tensor) -> None:
    expected = np.einsum("bihw,bjhw->bij", features.numpy(), features.numpy()) / (3 * 6 * 7)
    np.testing.assert_allclose(gram_matrix(features), expected, rtol=1e-12)


def test_l2_is_the_frobenius_norm_and_mse_the_mean_square(features: Tensor) -> None:
    other = features.flip(0) * 0.7
    difference = (gram_matrix(features) - gram_matrix(other)).numpy()
    np.testing.assert_allclose(gram_loss(features, other, "l2"), np.linalg.norm(difference, axis=(1, 2)))
    np.testing.assert_allclose(gram_loss(features, other, "mse"), (difference**2).mean((1, 2)))


def test_l2_of_an_image_is_the_absolute_difference(image: Callable[..., Tensor]) -> None:
    first, second = image(), image()
    expected = np.abs((first.numpy() ** 2).mean((1, 2, 3)) - (second.numpy() ** 2).mean((1, 2, 3)))
    np.testing.assert_allclose(gram_loss(first, second, "l2"), expected)


@pytest.mark.parametrize("form", ["l2", "mse"])
def test_gradient_is_finite_where_both_are_equal(features: Tensor, form: str) -> None:
    same = features.clone().requires_grad_()
    gram_loss(same, features, form).sum().backward()
    assert (same.grad == 0).all()


@pytest.mark.parametrize("form", ["l2", "mse"])
def test_gradient(features: Tensor, form: str) -> None:
    other = features.flip(0).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: gram_loss(x, features, form), other)
