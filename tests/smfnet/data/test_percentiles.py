"""Percentiles of a set are those of NumPy, over all values of all its files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.config.errors import UserError
from smfnet.config.value_range import ValueRange
from smfnet.data.percentiles import in_values

Noise = Callable[..., np.ndarray]
Write = Callable[[Path, np.ndarray], Path]
KEY = "data.ir_range"


def percent(low: float, high: float) -> ValueRange:
    return ValueRange(low, high, percent=True)


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize(("low", "high"), [(0, 100), (0.1, 99.9), (2, 98), (25, 50)])
def test_are_those_of_all_values_together(tmp_path: Path, kind: str, low: float, high: float, write: Write) -> None:
    random = np.random.default_rng(3)
    images = [random.integers(7, 199 + 3 * k, (11 + k, 13), dtype=kind) for k in range(4)]
    files = [write(tmp_path / f"{k}.png", image) for k, image in enumerate(images)]
    values = np.concatenate([image.ravel() for image in images])
    expected = np.percentile(values, (low, high), method="inverted_cdf")
    assert in_values(percent(low, high), files, KEY) == ValueRange(*expected)


def test_every_channel_counts(tmp_path: Path, noise: Noise, write: Write) -> None:
    path = write(tmp_path / "a.png", pixels := noise(4, (20, 20, 3)))
    expected = np.percentile(pixels, (10, 90), method="inverted_cdf")
    assert in_values(percent(10, 90), [path], KEY) == ValueRange(*expected)


def test_what_is_given_in_values_needs_no_file(tmp_path: Path) -> None:
    assert in_values(ValueRange(1, 2), [tmp_path / "nothing.png"], KEY) == ValueRange(1, 2)
    assert in_values(None, [tmp_path / "nothing.png"], KEY) is None


def test_a_changed_file_is_read_anew(tmp_path: Path, write: Write) -> None:
    for white in (200, 220):
        path = write(tmp_path / "a.bmp", np.array([[10, white] * (white - 190)], np.uint8))
        assert in_values(percent(0, 100), [path], KEY) == ValueRange(10, white)


def test_one_value_twice_is_no_range(tmp_path: Path, write: Write) -> None:
    path = write(tmp_path / "a.png", np.full((9, 9), 7200, np.uint16))
    with pytest.raises(UserError, match=r"data\.ir_range=1%:99%: both percentiles of the 1 images are 7200"):
        in_values(percent(1, 99), [path], KEY)


def test_two_depths_have_no_percentiles_in_common(tmp_path: Path, write: Write) -> None:
    files = [write(tmp_path / f"{kind}.png", np.array([[1, 9]], kind)) for kind in ("uint8", "uint16")]
    with pytest.raises(UserError, match=r"one depth; .*uint8\.png and .*uint16\.png"):
        in_values(percent(1, 99), files, KEY)


def test_values_that_are_no_whole_numbers_are_named(tmp_path: Path) -> None:
    Image.fromarray(np.array([[1.5, 2.5]], np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(UserError, match=r"a\.tif has others, give LOW:HIGH"):
        in_values(percent(1, 99), [tmp_path / "a.tif"], KEY)
