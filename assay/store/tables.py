"""Tables of measured values as Parquet, read back with the columns and types that they were written with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assay.config.errors import one_line
from assay.config.reading import MIB, read_file

__all__ = ["MEASURED", "read_table", "table_in"]

MEASURED = ("image", "metric", "value")  # what the store has of a trial
_TEXTS, _WHOLE = ("row", "image", "metric", "stage", "term"), ("seed", "epoch")  # the other columns are numbers
_MOST, _MOST_ROWS = 256 * MIB, 20_000_000  # bytes of a file, and of the texts in it; rows


def read_table(source: Path | bytes, columns: Sequence[str]) -> pd.DataFrame:
    """The columns of a Parquet file, in order.

    Args:
        source: the file, or what is in it.
        columns: their names; each is text, a whole number or a number by its name.

    Raises:
        ValueError: it is no such file, damaged, or its content would fill the memory; one line.
    """
    try:
        table = table_in(source if isinstance(source, bytes) else read_file(source, _MOST), _MOST_ROWS, columns)
        wrong = [name for name in columns if name not in table.column_names or not _fits(name, table.column(name))]
        if wrong:
            raise ValueError(f"{wrong[0]}: expected a column of {_kind(wrong[0])}")
        frame = table.select(list(columns)).to_pandas(ignore_metadata=True)
    except (OSError, ValueError, TypeError, KeyError, MemoryError, pa.ArrowException) as error:
        raise ValueError(one_line(str(error), most=300)) from error
    return frame.assign(**{name: _shown(frame[name]) for name in columns if name in _TEXTS})


def table_in(data: bytes, most_rows: int, columns: Collection[str] | None = None) -> pa.Table:
    """The texts, numbers, truth values and times of a Parquet file; columns of lists, bytes and the like are left out.

    A few hundred bytes can stand for gigabytes, as a long text does in each of a million rows: that is looked at first.

    Args:
        data: what is in the file.
        most_rows: that it may have.
        columns: no others than these.

    Raises:
        ValueError, OSError, pyarrow.ArrowException: it is no such file, damaged, or larger than it may be.
    """
    with pq.ParquetFile(pa.BufferReader(data)) as parquet:
        about, fields = parquet.metadata, list(parquet.schema_arrow)
    wanted = [field for field in fields if _is_plain(field.type) and (columns is None or field.name in columns)]
    plain = pa.schema([(field.name, _inner(field.type)) for field in wanted])
    once = [name for name, kind in zip(plain.names, plain.types, strict=True) if _is_text(kind)]  # equal texts
    file = pa.BufferReader(data)
    with pq.ParquetFile(file, metadata=about, read_dictionary=once, page_checksum_verification=True) as parquet:
        batches = list(_within(most_rows, parquet.iter_batches(columns=plain.names), plain))
    if wanted and (rows := sum(map(len, batches))) != about.num_rows:
        raise ValueError(f"expected {about.num_rows} rows, as its footer says; got {rows}")
    return pa.Table.from_batches(batches, plain)


def _within(most_rows: int, batches: Iterable[pa.RecordBatch], plain: pa.Schema) -> Iterator[pa.RecordBatch]:
    """With equal texts written out, as long as there is room; counted, since a footer says what it likes."""
    rows = text_bytes = 0
    for batch in batches:
        rows, text_bytes = rows + len(batch), text_bytes + sum(map(_text_bytes, batch.columns))
        if rows > most_rows or text_bytes > _MOST:
            raise ValueError(f"expected at most {most_rows} rows and {_MOST // MIB} MiB of texts; it has more")
        columns = [column.cast(kind) for column, kind in zip(batch.columns, plain.types, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=plain)


def _inner(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_plain(kind: pa.DataType) -> bool:
    inner = _inner(kind)
    return bool(_is_text(inner) or pa.types.is_primitive(inner) or pa.types.is_decimal(inner))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _text_bytes(column: pa.Array) -> int:
    """Of all rows, equal texts written out."""
    if not (pa.types.is_dictionary(column.type) and _is_text(column.type.value_type)):
        return 0
    return pc.sum(pc.take(pc.binary_length(column.dictionary), column.indices)).as_py() or 0


def _kind(name: str) -> str:
    return "texts" if name in _TEXTS else "whole numbers" if name in _WHOLE else "numbers"


def _fits(name: str, column: pa.ChunkedArray) -> bool:
    if not len(column):
        return True
    if name in _TEXTS or name in _WHOLE:
        fits: Callable[[pa.DataType], bool] = _is_text if name in _TEXTS else pa.types.is_integer
        return fits(column.type) and not column.null_count
    return bool(pa.types.is_floating(column.type) or pa.types.is_integer(column.type))


def _shown(column: pd.Series) -> pd.Series:
    """Texts that a terminal would obey are made visible."""
    shown = {text: one_line(text) for text in column.unique()}
    return column if all(text == line for text, line in shown.items()) else column.map(shown)
