"""Several commands at once: on one storage they share what they make, and into one folder only one of them writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import optuna
import pytest

from assay.store.store import STAGES, Store
from assay.tuning.optuna_study import read_study
from tests.faults.conftest import WORDS, Command, kept, undisplayed

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

# Of a random search without pruning every value is the same whoever else is at work.
_SEARCH = ("alpha3", "--sampler", "random", "--no-prune", "--trials", "3", "--confirm", "0", "--output", "search")


def _runs(folder: Path, names: tuple[str, ...]) -> list[Command]:
    """Commands with a folder each, and one storage."""
    for name in names:
        (folder / name).mkdir()
    return [Command(folder / name, str(folder / "store")) for name in names]


def _start_search(folder: Path, storage: str) -> subprocess.Popen[str]:
    """A search around the base of the runs, which shares its stages with them."""
    folder.mkdir()
    words = (*WORDS, "data.val_pairs=1", "train.checkpoint_s=60", f"storage={storage}")
    return subprocess.Popen(
        [sys.executable, "-m", "smfnet.cli.main", "search", *_SEARCH, *words],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1", "RAY_memory_monitor_refresh_ms": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _ended_well(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=400)
    assert process.returncode == 0, errors
    assert "put aside" not in errors


def _values(folder: Path) -> list[tuple[str, dict[str, float], list[float] | None]]:
    trials: list[optuna.trial.FrozenTrial] = read_study(folder / "search").trials
    return [(trial.state.name, trial.params, trial.values) for trial in trials]


def test_two_runs_and_a_search_at_once_on_one_store_do_not_damage_each_other(
    tmp_path: Path, undisturbed: Command
) -> None:
    commands = _runs(tmp_path, ("one", "other"))
    processes = [command.start() for command in commands]
    processes.append(_start_search(tmp_path / "third", str(tmp_path / "store")))
    for process in processes:
        _ended_well(process)
    for command in commands:
        assert command.results.equals(undisturbed.results)
    _ended_well(_start_search(tmp_path / "alone", str(tmp_path / "another store")))
    assert _values(tmp_path / "third") == _values(tmp_path / "alone")
    assert [state for state, *_ in _values(tmp_path / "third")] == ["COMPLETE"] * 3
    found = kept(str(tmp_path / "store"))
    assert found.done == {}
    assert found.records.keys() == kept(undisturbed.storage).records.keys() | {
        name for name in kept(str(tmp_path / "another store")).records if name.startswith(f"{STAGES}/")
    }
    store = Store(str(tmp_path / "store"))
    assert store.files.list("damaged") == []
    assert store.files.partial() == []
    assert store.leftovers() == []


def test_of_two_runs_into_one_folder_one_does_its_work_and_the_other_says_so(
    tmp_path: Path, undisturbed: Command
) -> None:
    command = Command(tmp_path, str(tmp_path / "store"))
    other = Command(tmp_path, str(tmp_path / "store"), ("train.epochs=5",))
    found = {}
    for process in [command.start(), other.start()]:
        _, errors = process.communicate(timeout=400)
        found[process.returncode] = errors
    assert sorted(found) == [0, 2], found
    (line,) = undisplayed(found[2])
    told = ("another command is writing to run", "run holds a run with another configuration (train.epochs: ")
    assert line.removeprefix("error: ").startswith(told)  # the second, where it came after the other's first writing
    winner = command if "train.epochs=5" not in (tmp_path / "run" / "run.json").read_text() else other
    before = winner.results
    winner.to_end()
    assert winner.results.equals(before)
    if winner is command:
        assert before.equals(undisturbed.results)
    loser = other if winner is command else command
    (line,) = loser.to_end(code=2).splitlines()
    assert line.endswith("nothing was changed")
    assert winner.results.equals(before)
