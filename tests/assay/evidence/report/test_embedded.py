"""Pictures in a page: charts as they are, photographs nearly so."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from assay.evidence.report.embedded import embedded


def _there_and_back(pixels: np.ndarray, *, photographs: bool) -> np.ndarray:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "PNG")
    address = embedded(packed.getvalue(), photographs=photographs)
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
    np.testing.assert_array_equal(_there_and_back(chart, photographs=False), chart)


def test_a_photograph_stays_close(smooth: np.ndarray) -> None:
    difference = np.abs(_there_and_back(smooth, photographs=True) - smooth)
    assert 0 < difference.max() <= 6
