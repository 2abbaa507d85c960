"""Rows that share a stage are told: one line of theirs hides the other."""

from __future__ import annotations

import pandas as pd

from assay.evidence.twins import twins


def _curves(**values: list[float]) -> pd.DataFrame:
    lines = [
        {"row": row, "term": term, "seed": 1, "epoch": epoch, "value": value}
        for row, numbers in values.items()
        for epoch, (term, value) in enumerate(zip(("a", "a", "b"), numbers, strict=True))
    ]
    return pd.DataFrame(lines).sample(frac=1, random_state=0)


def test_the_first_row_with_the_same_values_is_named() -> None:
    curves = _curves(ours=[1, 2, 3], fused=[1, 2, 3], other=[1, 2, 3 + 1e-15], last=[1, 2, 3])
    assert twins(curves, ["ours", "other", "last", "gone", "fused"]) == {"last": "ours", "fused": "ours"}


def test_the_same_numbers_of_another_term_are_no_twin() -> None:
    curves = _curves(ours=[1, 2, 3])
    swapped = curves.assign(row="other", term=curves["term"].map({"a": "b", "b": "a"}))
    assert twins(pd.concat([curves, swapped]), ["ours", "other"]) == {}
