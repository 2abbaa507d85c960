"""What opens the storage is used, and is in nothing that is written or printed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import assay.cli.store
import smfnet.cli.ablate
from assay.cli.exit import exit_code
from assay.config.changes import apply
from assay.config.errors import UserError
from assay.config.text.credentials import HIDDEN
from assay.experiment.execution import execute_trial
from assay.experiment.trial import variant_trial
from assay.store.files import Files
from assay.store.run.folder import RunFolder
from assay.store.store import STAGES, TRIALS, Store
from smfnet.config.schema import compose
from smfnet.study import study

SECRET, KEY = "hunter2+=", "AKIAKEY"


def _address(folder: Path) -> str:
    """A folder by an address with a password and an option; a folder needs neither, and is opened all the same."""
    return f"file://{KEY}:{SECRET}@localhost{folder}?session_token={SECRET}"


def _written(folder: Path) -> str:
    return "\n".join(path.read_bytes().decode("latin-1") for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_run_keeps_and_tells_none(
    stored: Path, tiny_words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["ours", "swap_fusion", "--seeds", "2", "--output", str(tmp_path / "run"), *tiny_words]
    words.append(f"storage={_address(stored)}")
    for more in (["--plan"], []):
        assert smfnet.cli.ablate.main([*words, *more]) == 0
    told = "".join(capsys.readouterr()) + _written(tmp_path / "run")
    assert SECRET not in told
    assert KEY not in told
    record = RunFolder(tmp_path / "run").record
    assert record.provenance["storage"] == f"file://{HIDDEN}@localhost{stored}?session_token={HIDDEN}"
    assert f"storage={record.provenance['storage']}" in record.command
    assert RunFolder(tmp_path / "run").config()["storage"] == record.provenance["storage"]


def test_a_run_without_them_asks_for_the_address_and_goes_by_it(
    stored: Path, tiny_words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, address = tmp_path / "run", f"storage={_address(stored)}"
    assert smfnet.cli.ablate.main(["ours", "--seeds", "2", "--output", str(run), *tiny_words, address]) == 0
    capsys.readouterr()
    assert smfnet.cli.ablate.main(["--rerun", f"{run}/ours-seed2026"]) == 2
    line = capsys.readouterr().err
    assert "keeps no credentials of its storage" in line
    assert SECRET not in line
    assert smfnet.cli.ablate.main(["--rerun", f"{run}/ours-seed2026", address]) == 0
    assert "the same numbers" in capsys.readouterr().out


def test_what_is_stored_holds_none(tiny_words: list[str], tmp_path: Path) -> None:
    config = apply(compose(tiny_words), {"storage": _address(tmp_path / "store"), "note": f"s3://{KEY}:{SECRET}@b"})
    trial, store = variant_trial(study(), "ours", config, 1), Store(config.storage)
    execute_trial(study(), trial, store)
    assert store.files.local == tmp_path / "store"
    for kind in (STAGES, TRIALS):
        for entry in store.entries(kind):
            record = store.files.read(f"{kind}/{entry.fingerprint}/record.json").decode()
            assert SECRET not in record
            assert KEY not in record
            assert HIDDEN in str(entry.record.config["storage"])


@pytest.mark.parametrize("action", ["list", "verify", "gc"])
def test_the_store_is_told_without(tmp_path: Path, capsys: pytest.CaptureFixture[str], action: str) -> None:
    assert assay.cli.store.main([action, f"storage={_address(tmp_path / 'none')}"]) == 0
    assert SECRET not in "".join(capsys.readouterr())


@pytest.mark.parametrize("root", ["nosuch://{}:{}@bucket/x", "s3://{}:{}@bucket/x?bogus=1", "s3://{}:{}@[x"])
def test_an_address_that_is_none_is_told_without(root: str) -> None:
    with pytest.raises(UserError) as raised:
        Files(root.format(KEY, SECRET)).check()
    assert SECRET not in str(raised.value)
    assert "storage=" in str(raised.value)


def test_neither_an_error_line_nor_a_kept_traceback_holds_any(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["ablate", f"storage={_address(tmp_path)}"])

    def fail(error: Exception) -> int:
        raise error

    for error in (UserError(f"no {_address(tmp_path)}"), RuntimeError(f"bug at {_address(tmp_path)}")):
        exit_code(lambda argv, error=error: fail(error))([])
    (kept,) = (tmp_path / "runs").iterdir()
    told = "".join(capsys.readouterr()) + kept.read_text()
    assert SECRET not in told
    assert told.count(HIDDEN) >= 3


def test_a_line_end_in_an_argument_stays_in_the_comment(tmp_path: Path) -> None:
    from assay.config.text.command_line import typed

    line = typed(["search", "lr", "note=x\nloss.gram.weight: 0\n", f"storage={_address(tmp_path)}"])
    assert "\n" not in line
    assert SECRET not in line
    assert json.dumps(line)
