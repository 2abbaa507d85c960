"""Pictures in a page: charts as they are, photographs nearly so."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from assay.evidence.report.embedded import embedded, embedded_photograph


def _png(pixels: np.ndarray) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "PNG")
    return packed.getvalue()


def _back(address: str) -> np.ndarray:
    kind, _, data = address.partition(",")
    assert kind == "data:image/webp;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")).astype(int)


@pytest.fixture
def smooth() -> np.ndarray:
    place = np.linspace(0, 255, 96)
    return np.repeat((place[:, None] / 2 + place[None, :] / 2).astype(np.uint8)[..., None], 3, 2)


def test_a_chart_loses_nothing(smooth: np.ndarray) -> None:
    chart = smooth.copy()
    chart[20:22] = (0, 114, 178)
    np.testing.assert_array_equal(_back(embedded(_png(chart))), chart)


def test_a_photograph_stays_close(smooth: np.ndarray) -> None:
    difference = np.abs(_back(embedded_photograph(_png(smooth), 96)) - smooth)
    assert 0 < difference.max() <= 6


def test_a_large_photograph_becomes_small_and_a_small_one_stays(smooth: np.ndarray) -> None:
    wide = np.tile(smooth, (1, 3, 1))
    assert _back(embedded_photograph(_png(wide), 144)).shape == (48, 144, 3)
    assert _back(embedded_photograph(_png(wide), 999)).shape == wide.shape
