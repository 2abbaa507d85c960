"""Metrics are read alike, whatever they are written in."""

from __future__ import annotations

import csv
import io
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.command.results import samples_in

ROWS = [{"name": "b", "loss": 0.5, "right": True}, {"name": "a", "loss": 2, "right": False}]
EXPECTED = (("a", {"loss": 2.0, "right": 0.0}), ("b", {"loss": 0.5, "right": 1.0}))


def _csv(rows: list[dict[str, object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _parquet(rows: list[dict[str, object]]) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(rows).to_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [("m.json", json.dumps(ROWS).encode()), ("m.CSV", _csv(ROWS)), ("m.parquet", _parquet(ROWS))],
)
def test_a_row_per_sample(name: str, data: bytes) -> None:
    assert samples_in(name, data, ("loss", "right"), "name") == EXPECTED


@pytest.mark.parametrize("data", [b'{"loss": 3}', b'[{"loss": 3, "other": "x"}]'])
def test_one_row_has_no_name(data: bytes) -> None:
    assert samples_in("m.json", data, ("loss",), None) == (("", {"loss": 3.0}),)


def test_numbers_are_names_too() -> None:
    assert samples_in("m.json", b'[{"k": 7, "loss": 3}]', ("loss",), "k") == (("7", {"loss": 3.0}),)


@given(st.binary(max_size=200), st.sampled_from([".json", ".csv", ".parquet"]))
def test_any_bytes_are_rows_or_one_line(data: bytes, suffix: str) -> None:
    told = ""
    try:
        samples_in(f"m{suffix}", data, ("loss",), None)
    except ValueError as error:
        told = str(error)
    assert "\n" not in told
