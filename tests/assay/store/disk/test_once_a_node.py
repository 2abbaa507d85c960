"""One process makes, the others map; nothing half-made is seen, and whoever finds no room does without."""

from __future__ import annotations

import errno
import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assay.config.errors import UserError
from assay.store.disk import once_a_node as module
from assay.store.disk.once_a_node import once_a_node

KEY = "numbers-0f"
NUMBERS = np.random.default_rng(1).normal(size=(7, 5, 3)).astype(np.float32)


class Maker:
    """Makes the numbers, and writes down that it did."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def __call__(self) -> Iterator[tuple[str, np.ndarray]]:
        with self._notes.open("a") as file:
            file.write(f"{os.getpid()}\n")
        yield "a", NUMBERS
        yield "b-2", NUMBERS[:2].astype(np.uint8)

    @property
    def times(self) -> int:
        """How often."""
        return len(self._notes.read_text().splitlines()) if self._notes.exists() else 0


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    return Maker(tmp_path / "notes")


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run, as its workers have it."""
    folder = tmp_path / "node"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(module, "node_folder", lambda: folder)
    return folder


def left(node: Path) -> set[str]:
    """What is there beside locks."""
    return {path.name for path in node.iterdir() if path.suffix != ".lock"}


def test_is_made_once_and_mapped_bit_for_bit(node: Path, make: Maker) -> None:
    for _ in range(3):
        arrays = once_a_node(KEY, make)
        assert arrays is not None
        assert arrays["a"].tobytes() == NUMBERS.tobytes()
        assert (arrays["a"].shape, arrays["a"].dtype) == (NUMBERS.shape, NUMBERS.dtype)
        assert arrays["b-2"].dtype == np.uint8
    assert make.times == 1
    assert once_a_node("other-0f", make) is not None
    assert make.times == 2
    assert left(node) == {KEY, "other-0f"}


def test_what_one_writes_no_other_sees(node: Path, make: Maker) -> None:
    arrays = once_a_node(KEY, make)
    assert arrays is not None
    mine, other = arrays["a"], arrays["a"]
    mine[:] = 0
    assert other.tobytes() == arrays["a"].tobytes() == NUMBERS.tobytes()


def test_outside_of_a_run_nothing_is_made(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "node_folder", lambda: None)
    assert once_a_node(KEY, make) is None

    def refuse() -> Path:
        raise UserError("somebody else's")

    monkeypatch.setattr(module, "node_folder", refuse)
    assert once_a_node(KEY, make) is None
    assert make.times == 0


def _race(barrier: Any, results: Any, make: Maker) -> None:
    barrier.wait()
    arrays = once_a_node(KEY, make)
    assert arrays is not None
    results.put(arrays["a"].tobytes() + arrays["b-2"].tobytes())


def test_of_many_at_once_one_makes(node: Path, make: Maker) -> None:
    fork = multiprocessing.get_context("fork")
    barrier, results = fork.Barrier(6), fork.Queue()
    racers = [fork.Process(target=_race, args=(barrier, results, make)) for _ in range(6)]
    for racer in racers:
        racer.start()
    found = {results.get(timeout=60) for _ in racers}
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0] * 6
    assert found == {NUMBERS.tobytes() + NUMBERS[:2].astype(np.uint8).tobytes()}
    assert make.times == 1
    assert left(node) == {KEY}


def _die() -> Iterator[tuple[str, np.ndarray]]:
    yield "a", NUMBERS
    os._exit(9)


def test_who_dies_over_it_leaves_nothing_that_is_taken_for_whole(node: Path, make: Maker) -> None:
    dying = multiprocessing.get_context("fork").Process(target=once_a_node, args=(KEY, _die))
    dying.start()
    dying.join()
    assert dying.exitcode == 9
    assert KEY not in left(node)
    arrays = once_a_node(KEY, make)
    assert arrays is not None
    assert arrays["b-2"].shape == (2, 5, 3)


def test_an_error_is_the_callers_and_the_next_one_tries_again(node: Path, make: Maker) -> None:
    def damaged() -> Iterator[tuple[str, np.ndarray]]:
        yield "a", NUMBERS
        raise UserError("b.png is damaged")

    for _ in range(2):
        with pytest.raises(UserError, match=r"b\.png is damaged"):
            once_a_node(KEY, damaged)
        assert left(node) == set()
    assert once_a_node(KEY, make) is not None


def _full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("how", ["little is free", "it fills up meanwhile", "it is more than may be kept"])
def test_without_room_nothing_is_kept_nor_tried_again(
    node: Path, make: Maker, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "little is free":
        free = module._LEFT_FREE_BYTES + NUMBERS.nbytes - 1
        monkeypatch.setattr(module.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    elif how == "it fills up meanwhile":
        monkeypatch.setattr(module.np, "save", _full)
    else:
        monkeypatch.setattr(module, "_MOST_BYTES", NUMBERS.nbytes)  # the second array is too much
    for _ in range(2):
        assert once_a_node(KEY, make) is None
    assert make.times == 1
    assert left(node) == {f"{KEY}.no-room"}


@pytest.mark.parametrize("name", ["../outside", "", "a/b", "A", "-a", "a.npy", "a\n"])
def test_names_that_could_be_paths_are_refused(node: Path, make: Maker, name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        once_a_node(name, make)
    with pytest.raises(ValueError, match="small letters"):
        once_a_node(KEY, lambda: iter([(name, NUMBERS)]))
    assert left(node) == set()
    assert make.times == 0
