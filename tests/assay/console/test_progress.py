"""How long it still takes is told from the first moment, by a guess that measurements replace."""

from __future__ import annotations

import pytest

from assay.console import progress
from assay.console.progress import Work, about


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "about 1 s"), (42.4, "about 42 s"), (200, "about 3 min"), (9000, "about 2.5 h")]
)
def test_a_time_is_told_as_people_do(seconds: float, text: str) -> None:
    assert about(seconds) == text


def test_a_guess_gives_way_to_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    work = Work("fused", total=100.0, guess_s=50.0, shown=False)
    assert work.left_s == 50
    now = 30.0
    work.moved(10)
    assert work.left_s == pytest.approx(270)
    work.moved(90)
    assert work.left_s == 0
