"""The page says of what the changes are, and in which unit, as the study has it."""

from __future__ import annotations

import pandas as pd
import pytest

from assay.evidence.proof import Proof
from assay.evidence.report.blocks import Grid
from assay.evidence.report.sections.proof import proof_blocks


@pytest.mark.parametrize(
    ("output", "unit", "caption"),
    [
        ("the output", "", "Mean absolute change of the output when a branch gives zero"),
        ("the picture", "dB", "Mean absolute change of the picture when a branch gives zero, in dB"),
    ],
)
def test_changes_are_of_what_the_study_says(output: str, unit: str, caption: str) -> None:
    changes = pd.DataFrame([("a", "A", "low", 0.5)], columns=["row", "title", "branch", "change"])
    nothing = pd.DataFrame()
    (grid,) = proof_blocks(Proof(nothing, nothing, changes, nothing, (), output, unit), "A")
    assert isinstance(grid, Grid)
    assert grid.caption == caption
