"""The study on the page about networks of one's own is whole: it is loaded, and keeps to the contract."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assay.experiment.execution import execute_trial
from assay.experiment.suite import suite_of
from assay.experiment.trial import trials_of
from assay.store.store import Store
from assay.studies import load_study
from assay.study import Study
from assay.testing import StudyContract
from assay.tuning.spaces.space import parameters_of

PAGE = Path(__file__).parents[2] / "docs" / "own" / "study.md"


@pytest.fixture(scope="module")
def wave(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The first block of Python on the page, as a reader saves it."""
    (text, *_) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path_factory.mktemp("mine") / "my_study.py"
    path.write_text(text)
    return load_study(str(path))


def test_every_row_of_it_runs(wave: Study, tmp_path: Path) -> None:
    config = wave.schema.compose(["train.epochs=1", "train.device=cpu", "seeds=1"])
    trials = trials_of(wave, config, suite_of(wave).default, 1)
    assert [execute_trial(wave, trial, Store(str(tmp_path))).trained_epochs for trial in trials] == [1, 1, 1]
    assert parameters_of(wave).keys() == {"lr"}


def test_it_keeps_to_the_contract(wave: Study, tmp_path: Path) -> None:
    class Held(StudyContract):
        study = wave
        changes = {"train.epochs": 2}  # noqa: RUF012

    contract = Held()
    contract.test_its_suite_and_its_parameters_fit_its_configuration()
    contract.test_a_training_that_goes_on_from_a_checkpoint_gives_the_same_bytes()
    contract.test_every_sample_has_every_metric_as_a_finite_number(tmp_path)
    contract.test_every_function_of_its_own_that_ran_decides_a_name()
