"""What is stored is whole, or it is found, put aside and never used."""

from __future__ import annotations

import json
import logging
import random
from pathlib import Path

import pytest

from assay.config.errors import UserError
from assay.store.files import Files
from assay.store.store import FORMAT, STAGES, TRIALS, Entry, Store

FP, OTHER, TRIAL = 32 * "1", 32 * "2", 32 * "a"
_FILES = {"state.safetensors": bytes(range(256)), "images/a.png": b"picture"}


def _written(store: Store, name: str = FP, kind: str = STAGES) -> Entry:
    return store.write(kind, name, _FILES, {"kind": "stage1", "seconds": 1.5})


def test_what_is_written_is_found_and_read(any_store: Store) -> None:
    entry = _written(any_store)
    found = any_store.find(STAGES, FP)
    assert found == entry
    assert {name: any_store.read(entry, name) for name in entry.checksums} == _FILES
    assert (entry.record.kind, entry.record.seconds, entry.record.format) == ("stage1", 1.5, FORMAT)
    assert any_store.verify(entry)


def test_what_was_never_written_is_not_found(any_store: Store) -> None:
    assert any_store.find(STAGES, FP) is None
    assert list(any_store.entries(STAGES)) == []
    assert any_store.read_checkpoint(FP) is None


def test_entries_are_listed_by_kind(any_store: Store) -> None:
    for name in (OTHER, FP):
        _written(any_store, name)
    _written(any_store, TRIAL, TRIALS)
    assert [entry.fingerprint for entry in any_store.entries(STAGES)] == [FP, OTHER]
    assert [entry.fingerprint for entry in any_store.entries(TRIALS)] == [TRIAL]


@pytest.mark.parametrize("dies_at", range(3))
def test_a_writer_that_dies_leaves_no_entry(store: Store, monkeypatch: pytest.MonkeyPatch, dies_at: int) -> None:
    real, count = store.files.write, iter(range(9))

    def write(path: str, data: bytes) -> None:
        if next(count) == dies_at:
            raise KeyboardInterrupt
        real(path, data)

    monkeypatch.setattr(store.files, "write", write)
    with pytest.raises(KeyboardInterrupt):
        _written(store)
    assert store.find(STAGES, FP) is None
    assert len(store.leftovers()) == dies_at
    monkeypatch.undo()
    _written(store)
    assert store.find(STAGES, FP) is not None
    assert store.leftovers() == []


def _damages(data: bytes, seed: int) -> list[bytes]:
    """A flipped bit at a place by chance, a lost end, nothing left, and something longer."""
    place = random.Random(seed).randrange(len(data))
    flipped = bytearray(data)
    flipped[place] ^= 1 << random.Random(seed + 1).randrange(8)
    return [bytes(flipped), data[: len(data) // 2], b"", data + b"x"]


@pytest.mark.parametrize("name", [*_FILES, "record.json"])
@pytest.mark.parametrize("damage", range(4))
@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_file_is_found_put_aside_and_not_used(
    store: Store, caplog: pytest.LogCaptureFixture, name: str, damage: int, seed: int
) -> None:
    _written(store)
    path = f"stages/{FP}/{name}"
    damaged = _damages(store.files.read(path), seed)[damage]
    store.files.write(path, damaged)
    with caplog.at_level(logging.WARNING):
        found = store.find(STAGES, FP)
        assert found is None or not store.verify(found)
    assert f"stages/{FP}/" in caplog.text
    assert "put aside under damaged/, it will be made again" in caplog.text
    assert store.find(STAGES, FP) is None
    assert store.files.list("stages") == []
    assert store.files.read(f"damaged/{path}") == damaged
    assert store.verify(_written(store))


def test_a_missing_file_is_damage(any_store: Store) -> None:
    entry = _written(any_store)
    any_store.files.delete(f"stages/{FP}/state.safetensors")
    assert any_store.read(entry, "state.safetensors") is None
    assert any_store.find(STAGES, FP) is None


def test_a_file_of_another_name_is_none_of_the_entrys(store: Store) -> None:
    entry = _written(store)
    store.files.write(f"stages/{FP}/other", b"")
    assert store.read(entry, "other") is None


@pytest.mark.parametrize("place", [0, 63, 64, 70])
def test_a_damaged_checkpoint_is_put_aside(any_store: Store, place: int) -> None:
    any_store.write_checkpoint(FP, b"state of a stage")
    assert any_store.read_checkpoint(FP) == b"state of a stage"
    data = bytearray(any_store.files.read(f"checkpoints/{FP}"))
    data[place] ^= 1
    any_store.files.write(f"checkpoints/{FP}", bytes(data))
    assert any_store.read_checkpoint(FP) is None
    assert any_store.files.list("damaged") == [f"damaged/checkpoints/{FP}"]


def test_a_checkpoint_takes_the_place_of_the_one_before_and_can_be_dropped(any_store: Store) -> None:
    any_store.write_checkpoint(FP, b"one")
    any_store.write_checkpoint(FP, b"two")
    assert any_store.read_checkpoint(FP) == b"two"
    any_store.drop_checkpoint(FP)
    any_store.drop_checkpoint(FP)
    assert any_store.read_checkpoint(FP) is None


def test_an_entry_of_a_newer_version_is_refused_and_left_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.store.store.FORMAT", FORMAT + 1)
    _written(store)
    monkeypatch.undo()
    with pytest.raises(UserError, match="written by a newer version: update assay"):
        store.find(STAGES, FP)
    assert store.files.exists(f"stages/{FP}/record.json")


def test_the_record_is_the_first_to_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = _written(store)
    monkeypatch.setattr(store.files, "delete_folder", lambda folder: None)  # dies in between
    store.remove(entry)
    assert store.find(STAGES, FP) is None
    monkeypatch.undo()
    store.remove(entry)
    assert store.files.list("stages") == []


def test_of_two_that_make_the_same_the_first_ones_stays(tmp_path: Path) -> None:
    one, other = Store(str(tmp_path)), Store(str(tmp_path))
    entry = one.write(STAGES, FP, {"state": b"first"}, {"made": "first"})
    assert other.write(STAGES, FP, {"state": b"second"}, {"made": "second"}) == entry
    assert other.read(entry, "state") == b"first"


def test_two_that_write_different_bytes_at_once_are_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Store(str(tmp_path)), Store(str(tmp_path))
    real = one.files.write

    def write(path: str, data: bytes) -> None:
        if path.endswith("record.json"):  # both have looked and found nothing; the other one comes in between
            other.files.write(f"stages/{FP}/state", b"second")
        real(path, data)

    monkeypatch.setattr(one.files, "write", write)
    entry = one.write(STAGES, FP, {"state": b"first"}, {})
    assert not one.verify(entry)
    assert one.find(STAGES, FP) is None


def test_two_that_find_the_same_damage_do_not_disturb_each_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _written(store)
    paths = store.files.list(f"stages/{FP}")
    monkeypatch.setattr(Files, "list", lambda self, folder: paths)
    store.put_aside(STAGES, FP, "first")
    store.put_aside(STAGES, FP, "second")
    assert store.find(STAGES, FP) is None


def test_a_record_is_json_for_everybody(store: Store) -> None:
    store.write(STAGES, FP, {}, {"path": Path("x"), "pair": (1, 2)})
    record = json.loads(store.files.read(f"stages/{FP}/record.json"))
    assert (record["path"], record["pair"], record["files"]) == ("x", [1, 2], {})
