"""Two runs at once on one storage."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.store.store import Store
from tests.faults.conftest import Command, kept

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]


def test_two_runs_at_once_do_not_damage_each_other(tmp_path: Path, undisturbed: Command) -> None:
    commands = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        commands.append(Command(tmp_path / name, str(tmp_path / "store")))
    processes = [command.start() for command in commands]
    for process in processes:
        _, errors = process.communicate(timeout=400)
        assert process.returncode == 0, errors
        assert "put aside" not in errors
    for command in commands:
        assert command.results.equals(undisturbed.results)
    assert kept(str(tmp_path / "store")).done == {}
    assert kept(str(tmp_path / "store")).records.keys() == kept(undisturbed.storage).records.keys()
    store = Store(str(tmp_path / "store"))
    assert store.files.list("damaged") == []
    assert store.files.partial() == []
    assert store.leftovers() == []
