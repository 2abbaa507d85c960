"""What training and the test step make of the pixels of a pair."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from smfnet.data.pair import pair_of

Noise = Callable[..., np.ndarray]

COLOUR = st.integers(1, 6).flatmap(lambda side: arrays(np.uint8, (side, side + 1, 3)))


def test_training_takes_both_images_unrounded_and_without_colour(noise: Noise) -> None:
    ir, vi = noise(1, (6, 8)) / np.float32(257) * 256, noise(2, (6, 8, 3))
    pair = pair_of("a", ir, vi, training=True)
    np.testing.assert_allclose(pair.ir[0], ir / 255, rtol=1e-6)
    np.testing.assert_allclose(pair.vi[0], vi.astype(float) @ [0.299, 0.587, 0.114] / 255, rtol=1e-6)
    assert pair.chroma is None


def test_the_test_step_rounds_infrared_and_not_luma(noise: Noise) -> None:
    ir, vi = noise(1, (6, 8)) / np.float32(257) * 256, noise(2, (6, 8, 3))
    pair = pair_of("a", ir, vi, training=False)
    np.testing.assert_allclose(pair.ir[0], np.rint(ir) / 255, rtol=1e-6)
    np.testing.assert_allclose(pair.vi[0], vi.astype(float) @ [0.299, 0.587, 0.114] / 255, rtol=1e-6)


def test_a_grey_visible_image_has_no_colour(noise: Noise) -> None:
    assert pair_of("a", noise(1), noise(2), training=False).chroma is None


def test_infrared_in_colour_becomes_grey(noise: Noise) -> None:
    grey = noise(3, (6, 8))
    pair = pair_of("a", np.stack([grey] * 3, axis=-1), noise(4, (6, 8)), training=False)
    np.testing.assert_array_equal((255 * pair.ir[0]).round(), grey)


@pytest.mark.parametrize("training", [True, False])
def test_shapes_and_types(training: bool, noise: Noise) -> None:
    pair = pair_of("a", noise(1, (6, 8)), noise(2, (6, 8, 3)), training=training)
    assert pair.ir.shape == pair.vi.shape == (1, 6, 8)
    assert pair.ir.dtype == pair.vi.dtype == torch.float32


@given(COLOUR)
def test_luma_and_chroma_give_the_colours_back(colour: np.ndarray) -> None:
    """Inverse of BT.601 as the release applies it when it joins the fused luma with the colour."""
    pair = pair_of("a", colour[..., 0], colour, training=False)
    assert pair.chroma is not None
    luma, (red, blue) = 255 * pair.vi[0], pair.chroma - 128
    back = torch.stack([luma + 1.403 * red, luma - 0.714 * red - 0.344 * blue, luma + 1.773 * blue], dim=-1)
    assert np.abs(back.numpy() - colour).max() < 0.5


@given(COLOUR)
def test_grey_levels_can_be_had_back_exactly(colour: np.ndarray) -> None:
    """The metrics read 255 x rounded; dividing by 255 before must not move a level."""
    pair = pair_of("a", colour[..., 1], colour, training=False)
    luma = np.float32(0.114) * colour[..., 2] + np.float32(0.587) * colour[..., 1] + np.float32(0.299) * colour[..., 0]
    np.testing.assert_array_equal((255 * pair.vi[0]).round(), np.rint(luma))
    np.testing.assert_array_equal((255 * pair.ir[0]).round(), colour[..., 1])
