"""A journal that a crash, a disk or a person has touched: what is whole goes on, what is not is kept or named."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.errors import UserError
from assay.metric import Metric
from assay.tuning.optuna_study import open_study, read_study

IDENTITY: dict[str, Any] = {"space": [{"name": "alpha3", "choices": []}], "objective": ["VIF"]}
FIRST = [("paper", {"alpha3": 8.0})]
Plainly = Callable[[Path], optuna.Study]


def _open(folder: Path) -> optuna.Study:
    return open_study(folder, IDENTITY, [Metric("VIF")], FIRST)


def _try(study: optuna.Study, value: float) -> None:
    trial = study.ask()
    trial.suggest_float("alpha3", 1, 32, log=True)
    trial.report(value, 2)
    trial.set_user_attr("metrics", {"VIF": value})
    study.tell(trial, value)


def _told(study: optuna.Study) -> list[tuple[Any, ...]]:
    return [(t.state.name, t.params, t.values, t.intermediate_values, t.user_attrs) for t in study.trials]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The journal of a search of three trials."""
    folder = tmp_path_factory.mktemp("whole")
    study = _open(folder)
    for value in (0.25, 0.5, 0.75):
        _try(study, value)
    return (folder / "study.journal").read_bytes()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Path]:
    """`place(journal)`: a folder of its own with that journal."""

    def placed(journal: bytes) -> Path:
        folder = tmp_path_factory.mktemp("search")
        (folder / "study.journal").write_bytes(journal)
        return folder

    return placed


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _tails(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("study.journal.tail-*"))]


def test_a_search_goes_on_after_a_crash_in_any_byte_of_its_last_record(
    whole: bytes, place: Callable[[bytes], Path], plainly: Plainly
) -> None:
    last = whole.rindex(b"\n", 0, -1) + 1
    before = _told(read_study(place(whole[:last])))
    for cut in range(last, len(whole)):
        folder = place(whole[:cut])
        assert _told(_open(folder)) == before
        assert _tails(folder) == ([whole[last:cut]] if cut > last else [])
    _try(_open(folder), 1.0)
    assert [trial.value for trial in plainly(folder).trials][-1] == 1.0


@given(data=st.data())
def test_a_search_goes_on_after_a_cut_anywhere(
    whole: bytes, place: Callable[[bytes], Path], plainly: Plainly, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(whole)))
    folder = place(whole[:cut])
    study = _open(folder)
    for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
        optuna.Trial(study, trial._trial_id).suggest_float("alpha3", 1, 32, log=True)
        study.tell(trial.number, 0.125)
    _try(study, 1.0)
    assert _told(plainly(folder)) == _told(study) == _told(_open(folder))
    assert study.trials[0].params == {"alpha3": 8.0}
    kept = whole[: whole.rfind(b"\n", 0, cut) + 1]
    assert (folder / "study.journal").read_bytes().startswith(kept)
    assert b"".join(_tails(folder)) == whole[len(kept) : cut]


@given(tail=st.one_of(st.binary(min_size=1), st.text('\n\r\0 {}[]5"aé', min_size=1).map(str.encode)))
def test_whatever_follows_the_last_record_is_set_aside_or_named(
    whole: bytes, place: Callable[[bytes], Path], plainly: Plainly, tail: bytes
) -> None:
    folder = place(whole + tail)
    if any(map(_is_json, tail.split(b"\n")[:-1])):
        with pytest.raises(UserError, match=r"\A.*is no record of a study.*\Z"):
            _open(folder)
        assert [path.name for path in folder.iterdir()] == ["study.journal"]
        assert (folder / "study.journal").read_bytes() == whole + tail
        return
    study = _open(folder)
    assert (folder / "study.journal").read_bytes() == whole
    assert _tails(folder) == [tail]
    _try(study, 1.0)
    assert [trial.value for trial in plainly(folder).trials] == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("tail", [b"\n", b"\n\n", b"garbage", b"garbage\n", b"\0" * 4096, b"\xff\n{\n", b'{"op_code"'])
def test_a_tail_is_told_in_one_line_and_kept(
    whole: bytes, place: Callable[[bytes], Path], caplog: pytest.LogCaptureFixture, tail: bytes
) -> None:
    folder = place(whole + tail)
    assert len(read_study(folder).trials) == 3  # to look changes nothing
    assert [path.name for path in folder.iterdir()] == ["study.journal"]
    with caplog.at_level(logging.WARNING):
        _open(folder)
    (record,) = caplog.records
    (kept,) = folder.glob("study.journal.tail-*")
    assert f"the last {len(tail)} bytes are kept in {kept.name}" in record.getMessage()
    caplog.clear()
    _open(folder)
    assert not caplog.records


@pytest.mark.parametrize("line", [b"garbage", b"", b"5", b"null", b"[]", b"{}", b'{"op_code": 99, "worker_id": "w"}'])
@pytest.mark.parametrize("where", [0, 3, -1])
def test_a_line_among_the_records_that_is_none_is_named_and_nothing_is_changed(
    whole: bytes, place: Callable[[bytes], Path], line: bytes, where: int
) -> None:
    lines = whole.splitlines(keepends=True)
    journal = b"".join([*lines[:where], line + b"\n", *lines[where:]])
    folder = place(journal)
    number = range(len(lines))[where] + 1
    for reader in (_open, read_study):
        with pytest.raises(UserError, match=rf"study\.journal, line {number} is no record of a study \('") as raised:
            reader(folder)
        assert "\n" not in str(raised.value)
    assert [path.name for path in folder.iterdir()] == ["study.journal"]
    assert (folder / "study.journal").read_bytes() == journal


@pytest.mark.parametrize("line", [b"5", b"{}", b'"text"'])
def test_json_that_is_no_record_is_not_taken_for_a_crash(
    whole: bytes, place: Callable[[bytes], Path], line: bytes
) -> None:
    with pytest.raises(UserError, match=r"line \d+ is no record of a study"):
        _open(place(whole + line + b"\n"))


@pytest.mark.parametrize("content", [b"SQLite format 3\0\n", b"[" * 100_000 + b"\n"])
def test_a_file_without_any_record_is_no_journal(place: Callable[[bytes], Path], content: bytes) -> None:
    folder = place(content)
    with pytest.raises(UserError, match="line 1 is no record of a study"):
        _open(folder)
    assert (folder / "study.journal").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"\n", b'{"op_c', b"\0" * 4096])
def test_a_search_that_died_in_its_first_record_begins(place: Callable[[bytes], Path], content: bytes) -> None:
    assert len(_open(place(content)).trials) == 1


EDITS: dict[str, tuple[int, dict[str, Any]]] = {  # what is wrong: code of the record, its new fields
    "its values": (6, {"values": ["much"]}),
    "its values ": (6, {"values": [0.5, 0.5]}),
    "its values  ": (6, {"values": None}),
    "its values on the way": (7, {"intermediate_value": "much"}),
    "its metrics": (8, {"user_attr": {"metrics": [1, 2]}}),
    "its role": (8, {"user_attr": {"role": []}}),
    "its parameters": (5, {"param_name": "beta1"}),
    "its parameters ": (5, {"param_value_internal": "much"}),
}


@pytest.mark.parametrize("problem", EDITS)
def test_a_record_that_was_edited_is_found_before_anything_is_written(
    whole: bytes, place: Callable[[bytes], Path], problem: str
) -> None:
    code, fields = EDITS[problem]
    records = [json.loads(line) for line in whole.splitlines()]
    chosen = [record for record in records if record["op_code"] == code and record.get("state") != 0][-1]
    chosen.update(fields)
    journal = "".join(json.dumps(record) + "\n" for record in records).encode() + b"unfinished"
    folder = place(journal)
    with pytest.raises(UserError, match=rf"is damaged \(trial 2: {problem.strip()}\)"):
        _open(folder)
    assert (folder / "study.journal").read_bytes() == journal
    assert [path.name for path in folder.iterdir()] == ["study.journal"]


def test_a_study_that_no_search_began_is_left_alone(tmp_path: Path) -> None:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    storage = JournalStorage(JournalFileBackend(str(tmp_path / "study.journal")))
    _try(optuna.create_study(study_name="search", storage=storage, direction="maximize"), 0.5)
    before = (tmp_path / "study.journal").read_bytes()
    with pytest.raises(UserError, match="holds a study that no search began"):
        _open(tmp_path)
    assert (tmp_path / "study.journal").read_bytes() == before


def test_a_journal_that_leads_elsewhere_is_refused(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / "theirs").write_bytes(whole + b"unfinished")
    folder = tmp_path / "search"
    folder.mkdir()
    (folder / "study.journal").symlink_to(tmp_path / "theirs")
    with pytest.raises(UserError, match="is a link"):
        _open(folder)
    assert (tmp_path / "theirs").read_bytes() == whole + b"unfinished"
