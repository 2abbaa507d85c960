"""The study: one writer, one search, whole after any death, open to everybody with Optuna."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import optuna
import pytest

from assay.config.errors import UserError
from assay.metric import Metric
from assay.tuning.optuna_study import open_study, read_study

SPACE = [{"name": "alpha3", "low": 1.0, "high": 32.0, "scale": "log", "choices": []}]
IDENTITY: dict[str, Any] = {
    "space": SPACE,
    "objective": ["VIF"],
    "configuration": {"optim.lr": 1e-3},
    "seed": 2025,
}
FIRST = [("paper", {"alpha3": 8.0})]


def _open(folder: Path, **changes: Any) -> optuna.Study:
    return open_study(folder, IDENTITY | changes, [Metric("VIF")], FIRST)


def _tell(study: optuna.Study, value: float) -> None:
    trial = study.ask()
    trial.suggest_float("alpha3", 1, 32, log=True)
    study.tell(trial, value)


def test_a_new_study_begins_with_the_papers_defaults(tmp_path: Path) -> None:
    study = _open(tmp_path)
    trial = study.ask()
    assert trial.suggest_float("alpha3", 1, 32, log=True) == 8
    assert trial.user_attrs == {"role": "paper"}
    assert study.metric_names == ["VIF"]


def test_the_same_search_goes_on_and_is_not_begun_twice(tmp_path: Path) -> None:
    first = _open(tmp_path)
    _tell(first, 0.5)
    again = _open(tmp_path)
    assert [trial.value for trial in again.trials] == [0.5]


def test_a_search_that_died_before_its_first_trials_were_listed_lists_them(tmp_path: Path) -> None:
    open_study(tmp_path, IDENTITY, [Metric("VIF")], [])
    assert len(_open(tmp_path).trials) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"space": [SPACE[0] | {"high": 64.0}]},
            r"another space \(alpha3=1:32:log there, alpha3=1:64:log here\)",
        ),
        ({"space": [*SPACE, {**SPACE[0], "name": "beta1"}]}, r"another space \(less there, beta1=1:32:log here\)"),
        ({"objective": ["SSIM"]}, r"another objective \(VIF there, SSIM here\)"),
        (
            {"configuration": {"optim.lr": 1e-4}},
            r"another configuration \(optim.lr=0.001 there, optim.lr=0.0001 here\)",
        ),
        ({"seed": 1}, r"another seed \(2025 there, 1 here\)"),
    ],
)
def test_a_study_of_another_search_is_refused_and_left_as_it_was(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    _open(tmp_path)
    before = (tmp_path / "study.journal").read_bytes()
    with pytest.raises(UserError, match=reason) as raised:
        _open(tmp_path, **changes)
    assert "give another output; nothing was changed" in str(raised.value)
    assert (tmp_path / "study.journal").read_bytes() == before


def test_the_lock_of_a_writer_that_was_killed_holds_nobody_up(tmp_path: Path) -> None:
    _open(tmp_path)
    (tmp_path / "study.journal.lock").touch()
    assert len(_open(tmp_path).trials) == 1  # would wait for half a minute


def test_a_folder_without_a_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no search"):
        read_study(tmp_path)


def test_the_file_is_a_journal_of_json_lines(tmp_path: Path) -> None:
    """What optuna-dashboard reads: it opens `JournalStorage(JournalFileBackend(path))`."""
    _open(tmp_path)
    lines = (tmp_path / "study.journal").read_text().splitlines()
    assert all("op_code" in json.loads(line) for line in lines)
