"""Times as they are typed."""

from __future__ import annotations

import pytest

from assay.config.errors import UserError
from assay.config.text.duration import as_time, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("2h", 7200), ("1h30m", 5400), ("0.5h", 1800), ("1m5s", 65), (45, 45), (2.5, 2.5)],
)
def test_hours_minutes_and_seconds(text: str | float, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "m", "10 m", "5m2h", "-5m", "0s", "1d", 0, -3, float("nan"), True, "9e9h"])
def test_anything_else_is_refused_with_what_was_expected(text: str | float) -> None:
    with pytest.raises(UserError, match="within: expected a time as 90s, 10m, 2h or 1h30m"):
        seconds_of(text)


@pytest.mark.parametrize("text", ["90s", "10m", "2h", "1h30m", "1h5s", "2.5s"])
def test_a_time_is_shown_as_it_may_be_typed(text: str) -> None:
    assert seconds_of(as_time(seconds_of(text))) == seconds_of(text)
    assert as_time(5400) == "1h30m"
