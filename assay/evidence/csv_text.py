"""CSV that stays what it is in a spreadsheet, where a cell that begins like a formula would be carried out."""

from __future__ import annotations

import io
import re
from typing import Any

import pandas as pd

__all__ = ["csv_cell", "csv_text", "read_csv"]

_FORMULA = "[=+\\-@\t\r\n＝＋－＠]"  # as OWASP lists them (CSV injection), full-width ones too
_BEGINS, _ESCAPED = re.compile(f"'*{_FORMULA}"), re.compile(f"'('*{_FORMULA})")


def csv_cell(value: Any) -> Any:
    """A text that would begin a formula with an apostrophe before it; everything else, numbers above all, as it is."""
    return f"'{value}" if isinstance(value, str) and _BEGINS.match(value) else value


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV with a heading, without its index; numbers in all digits."""
    safe = table.rename(columns=csv_cell)
    for place, name in enumerate(table.columns):
        column = table.iloc[:, place]
        if column.map(lambda value: isinstance(value, str)).any():
            safe[csv_cell(name)] = column.astype(object).map(csv_cell)
    return safe.to_csv(index=False, lineterminator="\n")


def read_csv(data: bytes) -> pd.DataFrame:
    """What `csv_text` wrote; an empty cell is a missing value.

    Raises:
        ValueError: it is no CSV in UTF-8.
    """
    table = pd.read_csv(io.BytesIO(data), keep_default_na=False, na_values=[""])
    plain = table.rename(columns=_read_cell)
    for name in [name for name in plain.columns if pd.api.types.is_string_dtype(plain[name])]:
        plain[name] = plain[name].astype(object).map(_read_cell)
    return plain


def _read_cell(value: Any) -> Any:
    return value[1:] if isinstance(value, str) and _ESCAPED.match(value) else value
