"""What a user may say of black and white, and that it is read back as it was said."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.config.errors import UserError
from smfnet.config.data import DataConfig
from smfnet.config.value_range import ValueRange

NUMBERS = st.floats(-1e9, 1e9)


@given(NUMBERS, NUMBERS)
def test_what_is_written_reads_back(low: float, high: float) -> None:
    assume(low < high)
    written = ValueRange(low, high)
    assert ValueRange.parse(str(written), "data.ir_range") == written


@given(st.floats(0, 100), st.floats(0, 100))
def test_percentiles_read_back(low: float, high: float) -> None:
    assume(low < high)
    written = ValueRange(low, high, percent=True)
    assert ValueRange.parse(str(written), "data.ir_range") == written


def test_whole_numbers_are_written_as_such() -> None:
    assert str(ValueRange.parse(" 7200.0 : 7965 ", "k")) == "7200:7965"
    assert str(ValueRange.parse("0.10%:99.9%", "k")) == "0.1%:99.9%"
    assert ValueRange.parse("-20:40", "k") == ValueRange(-20, 40)


@pytest.mark.parametrize(
    "text",
    [
        *("", "7200", "7200:", ":7965", "7200-7965", "7965:7200", "5:5", "a:b", "1:2:3", "nan:1", "-1e999:1"),
        *("1%:99", "1:99%", "-1%:99%", "0%:101%", "50%:50%", "1e:2", "--1:2", "percentiles"),
    ],
)
def test_anything_else_is_refused_with_both_forms(text: str) -> None:
    with pytest.raises(UserError, match=r"data\.vi_range: expected LOW:HIGH .*0\.1%:99\.9%"):
        DataConfig(vi_range=text)


@pytest.mark.parametrize("text", ["7965:7200", "5:5", "99%:1%"])
def test_limits_the_wrong_way_round_are_told(text: str) -> None:
    with pytest.raises(UserError, match="LOW must be below HIGH"):
        DataConfig(vi_range=text)
