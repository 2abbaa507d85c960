"""Bits that flip and ends that get lost, in every kind of file that the store holds."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.experiment.execution import execute_trial
from assay.experiment.planning.plan import plan
from assay.experiment.trial import Trial
from assay.store.store import STAGES, TRIALS, Store
from smfnet.study import study
from tests.faults.conftest import Command, end_all_in, trials_of_suite

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

STAGE_FILES = ("state.safetensors", "record.json")
TRIAL_FILES = ("results.parquet", "proof.json", "images/*.png", "record.json")


def _flip(data: bytes, chance: random.Random) -> bytes:
    """One bit of a byte that means something: a record is JSON, and may be laid out in any way."""
    place = chance.choice([index for index, byte in enumerate(data) if not chr(byte).isspace()])
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


DAMAGES = {"flipped bit": _flip, "lost end": _cut}


@pytest.fixture
def copied(tmp_path: Path, undisturbed: Command) -> Iterator[Command]:
    """The command with a copy of the store of the undisturbed run."""
    shutil.copytree(undisturbed.storage, tmp_path / "store")
    yield Command(tmp_path, str(tmp_path / "store"))
    end_all_in(tmp_path)


def _damaged(storage: str, damage: str) -> dict[str, bytes]:
    """Damage every trial and every stage, kind of file after kind of file, and a checkpoint; path -> what it holds."""
    store, chance = Store(storage), random.Random(damage)
    store.write_checkpoint(next(store.entries(STAGES)).fingerprint, b"state" * 9)
    paths = [f"checkpoints/{next(store.entries(STAGES)).fingerprint}"]
    for kind, files in ((STAGES, STAGE_FILES), (TRIALS, TRIAL_FILES)):
        for number, entry in enumerate(list(store.entries(kind))):
            folder = Path(storage) / kind / entry.fingerprint
            paths.append(str(next(folder.glob(files[number % len(files)])).relative_to(storage)))
    damaged = {path: DAMAGES[damage](store.files.read(path), chance) for path in paths}
    for path, data in damaged.items():
        store.files.write(path, data)
    return damaged


def _assert_put_aside(storage: str, damaged: dict[str, bytes], log: str) -> None:
    """Each is kept under damaged/ and named with what is done about it, and what is stored now is whole."""
    store = Store(storage)
    for path, data in damaged.items():
        assert store.files.read(f"damaged/{path}") == data
        (line,) = [line for line in log.splitlines() if f"/{path}: " in line]
        assert line.endswith("; put aside under damaged/, it will be made again")
    for kind in (STAGES, TRIALS):
        assert all(store.verify(entry) for entry in store.entries(kind))


def _results(store: Store, trial: Trial) -> bytes | None:
    entry = store.find(TRIALS, trial.fingerprint)
    return store.read(entry, "results.parquet") if entry else None


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_neither_used_nor_lost_sight_of(
    copied: Command, undisturbed: Command, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store, trials = Store(copied.storage), trials_of_suite()
    assert len(plan(trials, store).open) == 0
    damaged = _damaged(copied.storage, damage)
    planned = plan(trials, store)
    assert len(planned.open) == len(trials)
    assert len(planned.to_train) == len(planned.stages)
    assert not planned.begun
    _assert_put_aside(copied.storage, damaged, caplog.text)
    for trial in trials:
        execute_trial(study(), trial, store)
        assert _results(store, trial) == _results(Store(undisturbed.storage), trial)


def test_the_same_command_makes_good_what_was_damaged(copied: Command, undisturbed: Command) -> None:
    damaged = _damaged(copied.storage, "flipped bit")
    _assert_put_aside(copied.storage, damaged, copied.to_end())
    assert copied.results.equals(undisturbed.results)
    assert copied.table == undisturbed.table


def test_verify_names_what_is_damaged(copied: Command, capsys: pytest.CaptureFixture[str]) -> None:
    from assay.cli.store import main

    damaged = _damaged(copied.storage, "lost end")
    for words in (["verify"], ["verify", "--set-aside"]):
        assert main([*words, f"storage={copied.storage}"]) == 1
        told = capsys.readouterr().out
        for path in damaged:
            kind, fingerprint, *_ = path.split("/")
            assert f"{kind[:-1]} {fingerprint[:12]}: damaged, " in told
    assert main(["verify", f"storage={copied.storage}"]) == 0
