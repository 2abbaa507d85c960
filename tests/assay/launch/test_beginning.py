"""What is said before workers are there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import assay


@pytest.mark.usefixtures("line_study")
def test_the_first_line_says_what_is_about_to_be_done(
    train_here: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    train_here()
    how = {"seeds": 2, "storage": "kept", "output": "run"}
    assay.ablate("line.py", progress=True, **how)  # type: ignore[arg-type]
    first = next(line for line in capsys.readouterr().err.splitlines() if " to do: " in line)
    assert " to do: 6 trainings of 3 rows; 6 stages to train, " in first
    assert first.endswith(" trials at once")
    assay.ablate("line.py", progress=True, **how)  # type: ignore[arg-type]
    assert " to do: " not in capsys.readouterr().err
