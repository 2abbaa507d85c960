"""Amounts as they are shown."""

from __future__ import annotations

import math

import pytest
from rich.cells import cell_len

from assay.console.amounts import calm, duration, loss, places
from assay.stage import Progress


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"), (7800, "2 h 10 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(29.2, "30 s"), (61, "1 min 05 s"), (64.9, "1 min 05 s"), (601, "10 min 30 s"), (7801, "2 h 11 min")],
)
def test_what_is_guessed_is_told_as_exactly_as_one_may_guess_it(seconds: float, text: str) -> None:
    assert calm(seconds) == text


def test_a_loss_has_no_more_digits_than_there_is_room_for() -> None:
    assert [loss(value) for value in (2.25, 123456.7, math.nan, math.inf)] == ["2.250", "1.23e+05", "", ""]


def test_a_place_has_shorter_and_shorter_forms() -> None:
    forms = places(Progress("stage2", 36, 96, 1.0, 1.0))
    assert forms[0] == "stage II " + 6 * "━" + 10 * "╌" + " 36/96"
    assert forms[-2:] == ("stage II 38 %", "38 %")
    widths = [cell_len(form) for form in forms]
    assert widths == sorted(widths, reverse=True)
    assert places(Progress("train", 0, 0, math.nan, math.nan)) == ("train",)
