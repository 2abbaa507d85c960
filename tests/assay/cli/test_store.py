"""`store`: list, show, verify, and gc that takes nothing a result refers to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from assay.cli.store import main
from assay.store.files import Files
from assay.store.store import STAGES, TRIALS, Store
from tests.documents import printed_document

UNUSED, VALIDATED, RUNNING, HALF = (32 * digit for digit in "0123")


@pytest.fixture
def store(stored: Path, tmp_path: Path) -> Store:
    """A copy that may be damaged."""
    return Store(str(shutil.copytree(stored, tmp_path / "store")))


def _run(store: Store, *words: str) -> int:
    return main([*words, f"storage={store.files.root}"])


def test_the_list_has_a_line_for_every_entry(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(store, "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:2] == ["ID", "kind"]
    entries = [*store.entries(STAGES), *store.entries(TRIALS)]
    assert len(lines) - 1 == len(entries) == 6 + 9
    assert {line.split()[0] for line in lines[1:]} == {entry.fingerprint[:12] for entry in entries}


def test_an_empty_store_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    for word in ("list", "verify", "gc"):
        assert main([word, f"storage={tmp_path / 'empty'}"]) == 0
    assert "nothing stored yet" in capsys.readouterr().out


def test_every_action_answers_a_program(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> dict[str, Any]:
        assert main([*words, f"storage={stored}", "--json"]) == 0
        return dict(printed_document(capsys)[0]["result"])

    listed = said("list")
    assert listed["damaged"] == 0
    one = next(entry for entry in listed["entries"] if entry["row"] == "ours")
    shown = said("show", one["id"])
    assert (shown["id"], shown["record"]["row"]) == (one["id"], "ours")
    assert said("verify")["entries"] == len(listed["entries"])
    assert said("gc", "--dry-run")["removed"] is False


@pytest.mark.parametrize("word", ["list", "verify", "gc"])
def test_a_storage_that_is_named_and_is_not_there_is_no_whole_one(
    word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word, f"storage={tmp_path / 'mistyped'}"]) == 2
    assert (
        capsys.readouterr().err
        == f"error: storage={tmp_path / 'mistyped'} is not there: expected the folder of a store\n"
    )
    assert not (tmp_path / "mistyped").exists()


def test_show_prints_the_record(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    entry = next(store.entries(STAGES))
    assert _run(store, "show", entry.fingerprint[:8]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["id"], shown["entry"], shown["epochs"]) == (entry.fingerprint, "stages", entry.record.epochs)
    assert "config" in shown


def test_show_of_none_and_of_several(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(store, "show", "xyz") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: unknown ID 'xyz'. Known: ")
    assert line.endswith(" and 10 more. `python -m platform.store list` shows them")
    first = next(store.entries(STAGES)).fingerprint
    for digit in "0123456":
        store.write(STAGES, first[:8] + 24 * digit, {}, {"made": "2026"})
    assert _run(store, "show", first[:8]) == 2
    told = capsys.readouterr().err
    assert f"{first[:8]} is not unique: {first[:8]}" in told
    assert told.endswith(" and 3 more: give more of its letters\n")


def test_verify_finds_every_damage_once_and_moves_nothing(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(store, "verify") == 0
    assert capsys.readouterr().out == "15 of 15 entries are whole\n"
    entry, other, *_ = store.entries(STAGES)
    path = f"stages/{entry.fingerprint}/state.safetensors"
    store.files.write(path, store.files.read(path)[:-1])
    store.files.write(f"stages/{other.fingerprint}/record.json", b"{")
    before = store.files.list("")
    told = (
        f"stage {entry.fingerprint[:12]}: damaged, state.safetensors does not match its checksum\n"
        f"stage {other.fingerprint[:12]}: damaged, its record is damaged\n"
        "13 of 15 entries are whole\n"
        "a run that needs what is damaged makes it again; nothing was moved\n"
    )
    for _ in range(2):
        assert _run(store, "verify") == 1
        out, err = capsys.readouterr()
        assert sorted(out.splitlines()) == sorted(told.splitlines())
        assert err == ""
    assert store.files.list("") == before


def test_verify_looks_at_checkpoints_too(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for fingerprint in (RUNNING, HALF):
        store.write_checkpoint(fingerprint, b"state")
    assert _run(store, "verify") == 0
    assert capsys.readouterr().out == "15 of 15 entries are whole; 2 of 2 checkpoints are\n"
    damaged = store.files.read(f"checkpoints/{HALF}")[:-1]
    store.files.write(f"checkpoints/{HALF}", damaged)
    before = store.files.list("")
    assert _run(store, "verify") == 1
    told = capsys.readouterr().out
    assert told.startswith(
        f"checkpoint {HALF[:12]}: damaged, it does not match its checksum\n15 of 15 entries are whole"
    )
    assert "; 1 of 2 checkpoints are\n" in told
    assert store.files.list("") == before
    assert _run(store, "verify", "--set-aside") == 1
    assert store.files.read(f"damaged/checkpoints/{HALF}") == damaged
    assert _run(store, "verify") == 0
    assert list(store.checkpoints()) == [RUNNING]


def test_the_list_tells_of_damage_and_leaves_it(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    entry = next(store.entries(STAGES))
    store.files.write(f"stages/{entry.fingerprint}/record.json", b"[]")
    before = store.files.list("")
    assert _run(store, "list") == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 15
    assert err == "1 more have a damaged record: `python -m platform.store verify` names them\n"
    assert store.files.list("") == before


def test_what_is_damaged_is_put_aside_when_that_is_asked_for(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    entry = next(store.entries(STAGES))
    path = f"stages/{entry.fingerprint}/state.safetensors"
    store.files.write(path, b"")
    assert _run(store, "verify", "--set-aside") == 1
    assert "does not match its checksum; put aside under damaged/\n14 of 15" in capsys.readouterr().out
    assert store.files.read(f"damaged/{path}") == b""
    assert not store.files.exists(path)
    assert _run(store, "verify") == 0


def test_gc_keeps_what_results_refer_to_and_what_is_young(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    before = store.files.list("")
    assert _run(store, "gc", "--older-than", "0") == 0
    assert "removed 0 stages and 0 other files" in capsys.readouterr().out
    store.write(STAGES, UNUSED, {"state.safetensors": bytes(2**20)}, {"made": "2020-01-01T00:00:00+00:00"})
    store.write("validations", VALIDATED, {}, {"made": "2020-01-01T00:00:00+00:00", "stages": [VALIDATED]})
    store.write(STAGES, VALIDATED, {}, {"made": "2020-01-01T00:00:00+00:00"})
    store.write_checkpoint(RUNNING, b"state")
    store.write_checkpoint(VALIDATED, b"state")
    store.files.write(f"stages/{HALF}/state.safetensors", b"")
    store.files.write(f"damaged/stages/{HALF}/record.json", b"")
    held = store.files.list("")
    assert _run(store, "gc", "--dry-run") == 0
    assert "would remove 1 stages and 1 other files, 1.0 MiB" in capsys.readouterr().out
    assert store.files.list("") == held
    assert _run(store, "gc") == 0  # spares the last seven days, except the checkpoint of a finished stage
    gone = set(held) - set(store.files.list(""))
    assert gone == {f"stages/{UNUSED}/record.json", f"stages/{UNUSED}/state.safetensors", f"checkpoints/{VALIDATED}"}
    assert _run(store, "gc", "--older-than", "0") == 0
    left = {f"validations/{VALIDATED}/record.json", f"stages/{VALIDATED}/record.json"}
    assert set(store.files.list("")) - set(before) == left
    assert set(before) <= set(store.files.list(""))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show"], "expected: list, show ID, verify or gc"),
        (["list", "3f2a"], "expected: list, show ID, verify or gc"),
        (["show", "a", "b"], "expected: list, show ID, verify or gc"),
        (["list", "data.root=x"], "the only key here is storage=DIR"),
    ],
)
def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert main(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("words", [["list"], ["verify"], ["verify", "--set-aside"], ["gc"], ["show", "3f2a"]])
def test_a_storage_that_nobody_can_read_is_one_line(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(files: Files, path: str) -> bytes:
        raise OSError("AWS Error NETWORK_CONNECTION during HeadObject operation")  # has no errno

    (tmp_path / "file").touch()
    assert main([*words, f"storage={tmp_path / 'file'}"]) == 2
    for method in ("read", "list", "exists", "write"):
        monkeypatch.setattr(Files, method, refused)
    assert main([*words, "storage=memory://x"]) == 2
    found = capsys.readouterr().err.splitlines()
    assert found[0].endswith("/file: expected a folder; this is none")
    assert "storage=memory://x cannot be " in found[1]
    assert len(found) == 2


def test_an_entry_of_a_newer_version_stops_it(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("assay.store.store.FORMAT", 99)
        store.write(STAGES, UNUSED, {}, {"made": "2026"})
    assert _run(store, "gc") == 2
    assert "update assay" in capsys.readouterr().err


@pytest.mark.parametrize("days", ["-1", "nan", "inf", "1e300"])
def test_an_age_that_is_none_is_refused(tmp_path: Path, days: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gc", f"--older-than={days}", f"storage={tmp_path}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: --older-than: expected a number of days in 0..36500; got ")
