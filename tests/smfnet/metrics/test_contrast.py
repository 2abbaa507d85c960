"""SD, SF and AG against NumPy and closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from smfnet.metrics import average_gradient, spatial_frequency, standard_deviation

Triples = Callable[..., tuple[Tensor, Tensor, Tensor]]


def test_the_standard_deviation_is_numpys_of_the_population(triple: Triples) -> None:
    images = torch.cat(triple(40, 53))
    expected = np.std(images.double().numpy(), axis=(1, 2, 3))
    assert standard_deviation(images).tolist() == pytest.approx(expected.tolist(), rel=1e-12)


def test_the_spatial_frequency_averages_each_axis_over_its_own_differences(triple: Triples) -> None:
    images = torch.cat(triple(23, 41))
    grey = images.double().numpy()
    rows, columns = (np.mean(np.diff(grey, axis=axis) ** 2, axis=(1, 2, 3)) for axis in (3, 2))
    assert spatial_frequency(images).tolist() == pytest.approx(np.sqrt(rows + columns).tolist(), rel=1e-12)


def test_stripes_have_the_frequency_of_one_axis() -> None:
    stripes = (torch.arange(20) % 2 * 10.0).expand(1, 1, 30, 20)
    assert spatial_frequency(stripes).item() == pytest.approx(10)


def test_the_average_gradient_is_the_length_of_numpys_gradient(triple: Triples) -> None:
    images = torch.cat(triple(23, 41))
    along_y, along_x = np.gradient(images.double().numpy(), axis=(2, 3))
    expected = np.hypot(along_x, along_y).mean(axis=(1, 2, 3))
    assert average_gradient(images).tolist() == pytest.approx(expected.tolist(), rel=1e-7)


def test_a_ramp_has_the_gradient_of_its_slopes_without_a_half_under_the_root() -> None:
    ramp = 3.0 * torch.arange(20)[:, None] + 4.0 * torch.arange(30)
    assert average_gradient(ramp[None, None]).item() == pytest.approx(5)
    assert spatial_frequency(ramp[None, None]).item() == pytest.approx(math.hypot(3, 4))
