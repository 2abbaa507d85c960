"""A printed row: what is read, what is refused, and what rounds to a number."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.errors import UserError
from smfnet.conventions.row import read_row

KNOWN = ("EN", "SSIM", "MS_SSIM")


def test_names_are_read_in_any_case_and_numbers_with_their_last_digit() -> None:
    en, ssim, scales = read_row(" en=6.95, SSIM=0.978  ms-ssim=9e-1", KNOWN)
    assert (en.metric, en.value, ssim.metric, scales.metric) == ("EN", 6.95, "SSIM", "MS_SSIM")
    assert [each.digit for each in (en, ssim, scales)] == pytest.approx([0.005, 0.0005, 0.05])


@given(st.floats(0.001, 1000), st.integers(0, 6))
def test_whatever_is_printed_with_some_digits_fits_its_own_print(value: float, digits: int) -> None:
    text = f"{value:.{digits}f}"
    (printed,) = read_row(f"EN={text}", KNOWN)
    assert printed.distance(value) == 0
    if float(text):
        assert printed.distance(1.2 * float(text) + 1) > 0.005


def test_half_a_percent_is_close_enough_and_more_is_not() -> None:
    (printed,) = read_row("EN=6.9519", KNOWN)
    assert printed.fits(6.9519 * 1.004)
    assert not printed.fits(6.9519 * 1.006)
    assert not printed.fits(math.nan)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("", "expected NAME=NUMBER.*got nothing"),
        ("6.95", "expected NAME=NUMBER.*got '6.95'"),
        ("EN=", "got 'EN='"),
        ("EN=nan", "got 'EN=nan'"),
        ("EN=1e999", "got .EN=1e999."),
        ("EN=6.95 EN=7", "EN comes twice"),
        ("SIMM=0.9", r"unknown metric in --row 'SIMM'. Did you mean SSIM\?"),
        ("EN = 6.95", "got 'EN'"),
    ],
)
def test_a_row_that_cannot_be_read_is_told(row: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_row(row, KNOWN)
