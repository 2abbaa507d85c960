"""The shift between two images: one that is known, whichever side is bright, and none where nothing tells it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.registration import phase_cross_correlation

from smfnet.data.images import read_grey
from smfnet.data.sets.registration import LONGEST, offset_of

ROOM = 40


def _scene(seed: int, size: int = 160) -> np.ndarray:
    """Blobs with sharp edges."""
    rough = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(size, size)), 5)
    levels: np.ndarray = 60.0 * np.digitize(rough, np.quantile(rough, [0.25, 0.5, 0.75]))
    return levels


def _moved(scene: np.ndarray, down: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    """Two cuts of one scene, what is seen in the second lying `down` and `right` of where the first has it."""
    size = len(scene) - ROOM
    start = ROOM // 2
    first = scene[start : start + size, start : start + size]
    return first, scene[start - down : start - down + size, start - right : start - right + size]


@settings(max_examples=20)
@given(down=st.integers(-15, 15), right=st.integers(-15, 15), seed=st.integers(0, 50))
def test_a_known_shift_is_found(down: int, right: int, seed: int) -> None:
    found = offset_of(*_moved(_scene(seed), down, right))
    assert (found.down, found.right) == (down, right)
    assert found.clear or (down, right) == (0, 0) or found.pixels < 2


def test_it_does_not_matter_which_side_is_bright_nor_how_bright() -> None:
    first, second = _moved(_scene(1), 7, -5)
    for other in (255 - second, 0.2 * second + 30, second**2 / 255):
        found = offset_of(first, other)
        assert (found.down, found.right) == (7, -5)
        assert found.clear


def test_it_is_what_another_implementation_finds_in_the_same_edges() -> None:
    first, second = _moved(_scene(3), -9, 4)
    edges = [ndimage.gaussian_gradient_magnitude(image, 1.5) for image in (first, second)]
    shift, *_ = phase_cross_correlation(*edges, normalization="phase")
    found = offset_of(first, second)
    assert (-found.down, -found.right) == tuple(shift)  # theirs is what brings the second back


def test_noise_is_no_reason_to_speak_of_a_shift() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        assert not offset_of(rng.normal(size=(96, 128)), rng.normal(size=(96, 128))).clear


def test_registered_images_are_not_told_to_be_shifted() -> None:
    first, _ = _moved(_scene(2), 0, 0)
    found = offset_of(first, first)
    assert (found.pixels, found.gain, found.clear) == (0, 0, False)


@pytest.mark.parametrize("value", [0.0, 128.0])
def test_flat_images_have_no_offset(value: float) -> None:
    flat = np.full((40, 50), value)
    found = offset_of(flat, flat)
    assert not found.clear
    assert np.isfinite([found.peak, found.gain]).all()
    assert not offset_of(flat, _scene(0)[:40, :50]).clear


def test_small_images_are_looked_at_within_a_quarter() -> None:
    found = offset_of(_scene(0)[:17, :17], _scene(1)[:17, :17])
    assert max(abs(found.down), abs(found.right)) <= 4 < LONGEST


@pytest.mark.shared
@pytest.mark.parametrize(
    ("ir", "vi", "shift"),
    [
        ("m3fd/test/ir/04053.png", "m3fd/test/vi/04053.png", (1, 6)),
        ("vifb/test/ir/tricycle.jpg", "vifb/test/vi/tricycle.jpg", (-10, 2)),
    ],
)
def test_pairs_that_are_known_to_be_shifted_are_found(shared: Path, ir: str, vi: str, shift: tuple[int, int]) -> None:
    found = offset_of(read_grey(shared / "data" / ir), read_grey(shared / "data" / vi))
    assert (found.down, found.right) == shift
    assert found.clear


@pytest.mark.shared
def test_hardly_a_pair_of_roadscene_is_told(shared: Path) -> None:
    folder = shared / "data/roadscene/test"
    pairs = [(path, folder / "vi" / path.name) for path in (folder / "ir").iterdir()]
    found = [offset_of(read_grey(ir), read_grey(vi)) for ir, vi in pairs]
    assert sum(each.clear and each.pixels >= 4 for each in found) == 0
    assert np.median([each.pixels for each in found]) <= 1.5
