"""Thresholds against numpy and scikit-image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.filters import threshold_otsu
from torch import Tensor

from smfnet.losses.threshold import threshold


def test_mean_and_fixed(image: Callable[..., Tensor]) -> None:
    values = image()
    np.testing.assert_allclose(threshold(values, "mean").flatten(), values.numpy().mean((1, 2, 3)))
    assert threshold(values, "0.5").flatten().tolist() == [0.5, 0.5]


@given(
    st.sampled_from([(0, 255), (0, 3), (100, 106), (252, 255)])
    .flatmap(lambda ends: arrays(np.uint8, (5, 6), elements=st.integers(*ends)))
    .filter(lambda levels: len(np.unique(levels)) > 1)
)
def test_otsu_splits_the_pixels_like_scikit_image(levels: np.ndarray) -> None:
    level = threshold(torch.from_numpy(levels / 255)[None, None], "otsu").item()
    ours, theirs = levels / 255 >= level, levels > threshold_otsu(levels)
    assert _between(levels, ours) == pytest.approx(_between(levels, theirs), rel=1e-6)  # equal splits but for ties


def test_otsu_separates_two_grounds(image: Callable[..., Tensor]) -> None:
    bright = torch.zeros(2, 1, 12, 15, dtype=torch.bool)
    bright[0, :, 3:7] = bright[1, :, :, 9:] = True
    values = torch.where(bright, 0.7, 0.2) + 0.1 * image()
    assert torch.equal(values >= threshold(values, "otsu"), bright)


@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("rule", ["mean", "0.5", "otsu"])
def test_of_a_constant_image_it_is_a_number(rule: str, level: float) -> None:
    assert 0 <= threshold(torch.full((1, 1, 4, 4), level), rule).item() <= 1


def _between(levels: np.ndarray, above: np.ndarray) -> float:
    """Variance between the means of two groups of pixels."""
    if above.all() or not above.any():
        return 0.0
    share = above.mean()
    return share * (1 - share) * (levels[above].mean() - levels[~above].mean()) ** 2
