"""How numbers are shown."""

from __future__ import annotations

import math

import pytest

from assay.evidence.numbers import probability


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0312, "0.0312"), (1e-4, "0.0001"), (9.9e-5, "< 0.0001"), (0.0, "< 0.0001"), (math.nan, "n/a"), (1.0, "1.0000")],
)
def test_no_p_value_is_shown_as_nothing(p: float, text: str) -> None:
    assert probability(p) == text
