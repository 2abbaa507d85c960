"""Which files decide what a command gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assay.command.study import CommandStudy, command_study
from assay.config.errors import UserError
from assay.experiment.execution import execute_trial
from assay.experiment.naming.circumstances import made_with
from assay.store.store import Store
from tests.assay.command.conftest import GOOD, trial_of

MakeStudy = Callable[..., CommandStudy]
_WITH_DATA = "python train.py --seed {seed} --width {width} --out {output} --resume {data}"


def _named(study: CommandStudy, seed: int = 1) -> str:
    """A trial's name, as the next command has it."""
    return trial_of(command_study(study._text, str(study._path)), seed=seed).fingerprint


def test_what_is_below_a_folder_that_is_a_word_decides(make_study: MakeStudy) -> None:
    study = make_study(command=_WITH_DATA, parameters={"width": 8, "data": "data"})
    names = [_named(study)]
    for name in ("data/a.csv", "data/inner/b.csv"):
        (study.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (study.folder / name).write_text("1")
        names.append(_named(study))
        (study.folder / name).write_text("22")
        names.append(_named(study))
    assert len(set(names)) == 5
    (study.folder / "data" / ".cache").mkdir()
    (study.folder / "data" / ".cache" / "c.csv").write_text("1")
    assert _named(study) == names[-1]


def test_a_folder_that_holds_the_study_is_not_looked_through(make_study: MakeStudy) -> None:
    study = make_study(command=_WITH_DATA, parameters={"width": 8, "data": ".."})
    before = _named(study)
    (study.folder / "a.csv").write_text("1")
    assert _named(study) == before


def test_patterns_say_what_decides_below_a_folder(make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: dict[str, Any] = {"command": _WITH_DATA, "parameters": {"width": 8, "data": "data"}}
    study = make_study(**changes)
    (study.folder / "data").mkdir()
    for name in "abc":
        (study.folder / "data" / f"{name}.csv").write_text("1")
    monkeypatch.setattr("assay.command.files._MOST_DATA", 2)
    with pytest.raises(UserError, match=r"data, a word of the command, holds more than 2 files.*files: \[data/"):
        _named(study)
    chosen = make_study(**changes, files=["data/a.csv"])
    names = []
    for name in "ba":
        names.append(_named(chosen))
        (study.folder / "data" / f"{name}.csv").write_text("22")
    assert names[0] == names[1] != _named(chosen)


def test_a_file_whose_name_has_the_seed_decides_the_trainings_under_that_seed(make_study: MakeStudy) -> None:
    study = make_study(command=_WITH_DATA.replace("{data}", "fold{seed}.csv"))
    (study.folder / "fold1.csv").write_text("1")
    before = [_named(study, seed) for seed in (1, 2)]
    (study.folder / "fold1.csv").write_text("22")
    after = [_named(study, seed) for seed in (1, 2)]
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)


@pytest.mark.parametrize("word", ["data", "data/fold{seed}.csv"])
def test_what_is_written_below_a_word_while_the_run_goes_on_is_told(
    make_study: MakeStudy, store: Store, word: str
) -> None:
    script = GOOD + "open('data/fold1.csv', 'a').write('x')\n"
    study = make_study(script, command=_WITH_DATA.replace("{data}", word))
    (study.folder / "data").mkdir()
    with pytest.raises(UserError, match=r"data/fold1\.csv.* was written while the run went on.*files:"):
        execute_trial(study, trial_of(study), store)
    execute_trial(fresh := make_study(command=study.written.command), trial_of(fresh), store)


def test_threads_are_recorded_where_they_are_known(make_study: MakeStudy) -> None:
    study = make_study(environment={"OMP_NUM_THREADS": "3"})
    assert made_with(study, study.schema.config())["threads"] == "3"
    study = make_study()
    study._environment.pop("OMP_NUM_THREADS", None)
    assert "threads" not in made_with(study, study.schema.config())
    study._environment["OMP_NUM_THREADS"] = "2"
    assert made_with(study, study.schema.config())["threads"] == "2"
