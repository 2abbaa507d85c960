"""The metrics that a command leaves behind: JSON, CSV or Parquet, a row per sample or one in all."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import pyarrow as pa

from assay.config.errors import UserError, one_line
from assay.store.received.names import check_unicode
from assay.store.tables import table_in

__all__ = ["SUFFIXES", "Samples", "samples_in"]

Samples = tuple[tuple[str, Mapping[str, float]], ...]
Row = Mapping[str, Any]

_MOST_ROWS, _LONGEST_NAME = 1_000_000, 200


def samples_in(name: str, data: bytes, metrics: Sequence[str], sample: str | None) -> Samples:
    """Name and values of every sample, sorted by name; one without a name if a training gives one value.

    Args:
        name: of the file; its suffix says what it is.
        data: its content.
        metrics: that it must have.
        sample: column with the samples' names; None: the file has one row.

    Raises:
        ValueError: it is not as it should be; one line.
    """
    try:
        rows = _READ[PurePath(name).suffix.lower()](data)
    except (OSError, ValueError, csv.Error, RecursionError, MemoryError, pa.ArrowException) as error:
        raise ValueError(f"{name} cannot be read: {one_line(str(error), most=200)}") from error
    if not rows:
        raise ValueError(f"{name} is empty: expected {'a row per sample' if sample else 'one row'}")
    if len(rows) > _MOST_ROWS:
        raise ValueError(f"{name}: expected at most {_MOST_ROWS} rows; got {len(rows)}")
    if sample is None and len(rows) > 1:
        raise ValueError(
            f"{name} has {len(rows)} rows: expected one, or `sample:` with the column of the samples' names"
        )
    _check_columns(name, rows, [*([sample] if sample else []), *metrics])
    found = [("" if sample is None else _named(name, row[sample]), row) for row in rows]
    samples = {each: {metric: _value(name, each, metric, row[metric]) for metric in metrics} for each, row in found}
    if len(samples) < len(rows):
        raise ValueError(f"{name}: a {sample} is there twice: expected a row for each")
    return tuple(sorted(samples.items()))


def _check_columns(name: str, rows: Sequence[Row], wanted: Sequence[str]) -> None:
    for place, row in enumerate(rows, 1):
        if missing := [column for column in wanted if row.get(column) in (None, "")]:
            has = ", ".join(one_line(str(column), most=40) for column in list(row)[:8])
            raise ValueError(f"{name} has no {missing[0]} in row {place}: expected {', '.join(wanted)}; it has {has}")


def _named(name: str, raw: Any) -> str:
    text = str(raw)
    try:
        check_unicode(text, "a sample's name")
    except UserError as error:
        raise ValueError(f"{name}: {error}") from error
    if text != one_line(text) or len(text) > _LONGEST_NAME:
        raise ValueError(
            f"{name}: expected a name of at most {_LONGEST_NAME} characters; got {one_line(text, most=80)!r}"
        )
    return text


def _value(name: str, sample: str, metric: str, raw: Any) -> float:
    told = f"{name}: {metric}{f' of {sample}' if sample else ''}"
    try:
        number = _TRUTH[raw.strip().lower()] if isinstance(raw, str) and raw.strip().lower() in _TRUTH else float(raw)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{told}: expected a number; got {one_line(repr(raw), most=60)}") from error
    if not math.isfinite(number):
        raise ValueError(f"{told} is {number}: expected a finite number")
    return number


_TRUTH = {"true": 1.0, "false": 0.0}


def _json(data: bytes) -> list[Row]:
    raw = json.loads(data)
    rows = raw if isinstance(raw, list) else [raw]
    if wrong := next((row for row in rows if not isinstance(row, dict)), None):
        raise ValueError(f"expected a mapping, or a list of them; got {type(wrong).__name__}")
    return rows


def _csv(data: bytes) -> list[Row]:
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), skipinitialspace=True, strict=True)
    return list(reader)


def _parquet(data: bytes) -> list[Row]:
    rows: list[Row] = table_in(data, _MOST_ROWS).to_pylist()
    return rows


_READ: Mapping[str, Callable[[bytes], list[Row]]] = {".json": _json, ".csv": _csv, ".parquet": _parquet}
SUFFIXES = tuple(_READ)
