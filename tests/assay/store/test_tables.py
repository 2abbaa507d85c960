"""A table that was edited, damaged or made to fill the memory is read as it is, or refused in one line."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay.store import tables
from assay.store.tables import MEASURED, read_table, table_in
from tests.fuzz.kinds.runs import edit
from tests.fuzz.mutation import Chance, damaged
from tests.fuzz.scene import Scene

ROWS = [(f"{k:03d}", metric, k / 7) for k in range(11) for metric in ("EN", "SD")]


def _parquet(rows: list[tuple[str, str, float]]) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(rows, columns=MEASURED).to_parquet(buffer, index=False)
    return buffer.getvalue()


def _written(**columns: pa.Array) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def _repeated(value: str | float, times: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.zeros(times, dtype=np.int32), pa.array([value]))


def _read_or_refused(source: Path | bytes) -> None:
    told, frame = "", pd.DataFrame(columns=MEASURED, dtype=float)
    try:
        frame = read_table(source, MEASURED)
    except ValueError as error:
        told = str(error)
    assert not told or told.isprintable(), "one line"
    assert list(frame) == list(MEASURED)
    assert pd.api.types.is_numeric_dtype(frame["value"])


def test_what_was_written_is_read() -> None:
    assert list(read_table(_parquet(ROWS), MEASURED).itertuples(index=False, name=None)) == ROWS


@pytest.mark.parametrize("seed", range(48))
def test_damaged_bytes(seed: int) -> None:
    _read_or_refused(damaged(_parquet(ROWS), Chance(str(seed))))


@pytest.mark.parametrize("seed", range(48))
def test_a_file_that_was_edited_or_replaced(seed: int, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("no table")
    scene, path = Scene(tmp_path, tmp_path, tmp_path, Chance(str(seed))), tmp_path / "a.parquet"
    path.write_bytes(_parquet(ROWS))
    if seed % 2:
        edit(scene, path)
    else:
        scene.replace(path)
    _read_or_refused(path)


def test_texts_that_would_fill_the_memory() -> None:
    image, value = _repeated("x" * 10_000, 200_000), _repeated(0.5, 200_000).dictionary_decode()
    data = _written(image=image, metric=image, value=value)
    assert len(data) < 20_000
    with pytest.raises(ValueError, match="expected at most 20000000 rows and 256 MiB of texts; it has more"):
        read_table(data, MEASURED)


def test_more_rows_than_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_MOST_ROWS", 21)
    with pytest.raises(ValueError, match="expected at most 21 rows"):
        read_table(_parquet(ROWS), MEASURED)


def test_texts_that_are_kept_once_are_texts() -> None:
    data = _written(image=_repeated("a", 3), metric=_repeated("EN", 3), value=pa.array([1, 2, 3]))
    assert read_table(data, MEASURED)["image"].tolist() == ["a", "a", "a"]


def test_lists_and_bytes_are_left_out() -> None:
    data = _written(loss=pa.array([0.5]), right=pa.array([True]), box=pa.array([[1, 2]]), png=pa.array([b"\x89"]))
    assert table_in(data, most_rows=1).to_pylist() == [{"loss": 0.5, "right": True}]
