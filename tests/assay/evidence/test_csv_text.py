"""A CSV file stays a table in a spreadsheet: no text of it is a formula, and every number is a number."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.evidence.csv_text import csv_cell, csv_text, read_csv

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "-", "=cmd|' /C calc'!A0"]
_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(lambda text: f"x{text}")


@pytest.mark.parametrize("text", [*FORMULAS, "'=1", "''=1"])
def test_a_text_that_begins_a_formula_begins_with_an_apostrophe(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["w/o GNN", "'quoted'", "a=b", "", " =1", -1, -1.5, None, True])
def test_other_texts_and_all_numbers_stay(value: object) -> None:
    assert csv_cell(value) is value


@given(st.lists(st.tuples(_TEXT | st.sampled_from(FORMULAS[:4]), st.floats(allow_nan=False, allow_infinity=False))))
def test_what_is_written_comes_back_and_no_cell_begins_a_formula(rows: list[tuple[str, float]]) -> None:
    table = pd.DataFrame(rows, columns=["=title", "value"])
    text = csv_text(table)
    cells = list(csv.reader(io.StringIO(text)))
    assert all(not line[0].startswith(tuple("=+-@")) for line in cells)
    assert [float(line[1]) for line in cells[1:]] == [value for _, value in rows]
    back = read_csv(text.encode())
    assert list(back.columns) == ["=title", "value"]
    assert list(back["=title"]) == [title for title, _ in rows]


def test_numbers_keep_their_sign_and_their_digits() -> None:
    table = pd.DataFrame({"a": [-1.5, np.nan, 1 / 3], "b": [-1, 2, 3], "mixed": ["-x", -2, None]})
    text = csv_text(table)
    assert text == "a,b,mixed\n-1.5,-1,'-x\n,2,-2\n0.3333333333333333,3,\n"
