"""Looks are kept in the order in which they were taken, whoever takes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assay.store.run.looks import LOOKS, Look, Looked, LookedCell, keep_look, kept_looks
from assay.store.store import Store

TABLE, OTHER = 32 * "a", 32 * "b"
DECLARED = (Look(6, 0.4), Look(8, 0.6))
FIRST = Looked(DECLARED[0], DECLARED, TABLE, 2025, (LookedCell("wide", "SD", 0.01, 0.5, "worse"),))
SECOND = replace(FIRST, look=DECLARED[1], ended_s=600.0, trials=("wide-seed2025",))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def test_looks_are_read_back_in_order_and_those_of_another_table_apart(store: Store) -> None:
    for looked in (FIRST, SECOND, replace(FIRST, table=OTHER)):
        keep_look(store, looked)
    assert kept_looks(store, TABLE) == (FIRST, SECOND)
    assert kept_looks(store, OTHER) == (replace(FIRST, table=OTHER),)
    assert kept_looks(store, 32 * "c") == ()


def test_a_look_is_kept_once(store: Store) -> None:
    for looked in (FIRST, SECOND, FIRST, SECOND):
        keep_look(store, looked)
    assert kept_looks(store, TABLE) == (FIRST, SECOND)


def test_a_damaged_look_is_put_aside_and_ends_what_is_known(store: Store, tmp_path: Path) -> None:
    for looked in (FIRST, SECOND):
        keep_look(store, looked)
    names = {entry.record.kind: entry.fingerprint for entry in store.entries(LOOKS)}
    file = tmp_path / "store" / LOOKS / names["at 8 seeds"] / "look.json"
    file.write_bytes(file.read_bytes().replace(b"worse", b"better"))
    assert kept_looks(store, TABLE) == (FIRST,)
    assert not file.exists()
    keep_look(store, SECOND)
    assert kept_looks(store, TABLE) == (FIRST, SECOND)


def test_a_look_that_nobody_of_ours_wrote_is_not_believed(store: Store) -> None:
    keep_look(store, replace(FIRST, cells=(LookedCell("wide", "SD", word="marvellous"),)))
    assert kept_looks(store, TABLE) == ()
