"""EN against scikit-image and closed forms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from skimage.measure import shannon_entropy

from smfnet.metrics import entropy


def test_it_equals_scikit_image(triple: Callable[..., tuple[torch.Tensor, ...]]) -> None:
    images = torch.cat(triple(seed=3))
    expected = [shannon_entropy(image.numpy(), base=2) for image in images]
    assert entropy(images).tolist() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("levels", [1, 2, 16, 256])
def test_equally_frequent_levels_have_the_logarithm_of_their_number(levels: int) -> None:
    image = (torch.arange(1024) % levels).view(1, 1, 32, 32)
    assert entropy(image).tolist() == pytest.approx([torch.tensor(levels).double().log2().item()], abs=1e-12)
