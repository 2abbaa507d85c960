"""Tables of measured values as Parquet, read back with the columns and types that they were written with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from assay.config.errors import one_line

__all__ = ["MEASURED", "read_table"]

MEASURED = ("image", "metric", "value")  # what the store has of a trial
_TEXTS, _WHOLE = ("row", "image", "metric", "stage", "term"), ("seed", "epoch")  # the other columns are numbers


def read_table(source: Path | bytes, columns: Sequence[str]) -> pd.DataFrame:
    """The columns of a Parquet file, in order.

    Args:
        source: the file, or what is in it.
        columns: their names; each is text, a whole number or a number by its name.

    Raises:
        ValueError: it is no such file, or damaged; one line.
    """
    try:
        file = pa.BufferReader(source) if isinstance(source, bytes) else source
        with pq.ParquetFile(file, page_checksum_verification=True) as parquet:
            table = parquet.read(columns=list(columns))
        wrong = [name for name in columns if name not in table.column_names or not _fits(name, table.column(name))]
        if wrong:
            raise ValueError(f"{wrong[0]}: expected a column of {_kind(wrong[0])}")
        frame = table.select(list(columns)).to_pandas(ignore_metadata=True)
    except (OSError, ValueError, TypeError, KeyError, MemoryError, pa.ArrowException) as error:
        raise ValueError(one_line(str(error), most=300)) from error
    return frame.assign(**{name: _shown(frame[name]) for name in columns if name in _TEXTS})


def _kind(name: str) -> str:
    return "texts" if name in _TEXTS else "whole numbers" if name in _WHOLE else "numbers"


def _fits(name: str, column: pa.ChunkedArray) -> bool:
    if not len(column):
        return True
    if name in _TEXTS or name in _WHOLE:
        kinds: Sequence[Callable[[pa.DataType], bool]] = (pa.types.is_string, pa.types.is_large_string)
        kinds = kinds if name in _TEXTS else (pa.types.is_integer,)
        return any(kind(column.type) for kind in kinds) and not column.null_count
    return bool(pa.types.is_floating(column.type) or pa.types.is_integer(column.type))


def _shown(column: pd.Series) -> pd.Series:
    """Texts that a terminal would obey are made visible."""
    shown = {text: one_line(text) for text in column.unique()}
    return column if all(text == line for text, line in shown.items()) else column.map(shown)
