"""SSIM against scikit-image."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from skimage.metrics import structural_similarity as by_scikit_image
from torch import Tensor

from smfnet.metrics import structural_similarity

Triples = Callable[..., tuple[Tensor, Tensor, Tensor]]


@pytest.mark.parametrize("data_range", [1, 2, 255])
@pytest.mark.parametrize(("height", "width"), [(7, 7), (8, 31), (61, 74), (150, 40)])
def test_it_equals_scikit_image_at_every_size_and_range(
    triple: Triples, height: int, width: int, data_range: int
) -> None:
    fused, ir, vi = triple(height, width)
    (ours,) = structural_similarity(fused, torch.cat([ir, vi], dim=1), data_ranges=(data_range,))
    expected = sum(
        by_scikit_image(fused[0, 0].double().numpy(), source[0, 0].double().numpy(), data_range=data_range)
        for source in (ir, vi)
    )
    assert ours.item() == pytest.approx(expected, rel=1e-9)


def test_an_image_is_like_itself_at_every_range(triple: Triples) -> None:
    image, _, _ = triple(batch=2)
    for values in structural_similarity(image, image, data_ranges=(2, 255)):
        assert values.tolist() == pytest.approx([1, 1], rel=1e-12)


def test_an_offset_of_one_level_in_a_dark_flat_part_counts_as_unlike_with_range_2() -> None:
    dark, offset = torch.zeros(1, 1, 20, 20), torch.ones(1, 1, 20, 20)
    strict, lenient = structural_similarity(dark, offset, data_ranges=(2, 255))
    assert strict.item() == pytest.approx(4e-4 / (1 + 4e-4))
    assert lenient.item() == pytest.approx(2.55**2 / (1 + 2.55**2))
