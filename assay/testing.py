"""What every study must keep to, as tests: for a study of one's own, a class of three lines in a test file.

    class TestMine(StudyContract):
        study = load_study("my_study.py")
        changes = {"train.epochs": 2}

pytest then runs every clause. Those that a kind of study cannot promise (`Study.unpromised`) are skipped, by name.
"""

from __future__ import annotations

import inspect
import math
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from assay.config.changes import apply
from assay.config.section import paths_of
from assay.config.tables import builders_of
from assay.experiment.execution import execute_trial, train_trial
from assay.experiment.naming.code import definitions_of
from assay.experiment.naming.source_file import source_file
from assay.experiment.plain import PlainTrial
from assay.experiment.suite import Suite, suite_of
from assay.experiment.trial import Trial, baseline_trial, validation_trial, variant_trial
from assay.stage import StageJob
from assay.store.store import TRIALS, Store
from assay.store.tables import MEASURED, read_table
from assay.study import TEST, TRAIN, VAL, Making, Study
from assay.tuning.spaces.space import Space, parameters_of

__all__ = ["StudyContract"]

Values = Mapping[tuple[str, str], float]


class StudyContract:
    """The clauses; a subclass says which study.

    Attributes:
        study: that is held to them.
        changes: of its base, that make a training short.
        checkpoint: path of the value that says how many seconds lie between checkpoints, set to 0; None: there is none.
    """

    study: Study
    changes: Mapping[str, Any] = {}
    checkpoint: str | None = "train.checkpoint_s"

    def test_its_suite_and_its_parameters_fit_its_configuration(self) -> None:
        """Every row can be made, and every bound of every parameter tried."""
        base, suite = self.study.schema.compose(), self._suite()
        for variant in suite.variants:
            apply(base, variant.changes)
        unknown = [rule for rule in suite.baselines if rule not in self.study.rules]
        assert not unknown, f"no such training-free rule: {', '.join(unknown)}"
        Space(tuple(parameters_of(self.study).values())).scaled_to(base).check(base)

    def test_the_same_trial_has_the_same_names_and_another_seed_others(self) -> None:
        """As a plan, a worker and the next command make them."""
        trial, again, other = self._trial(), self._trial(), self._trial(seed=2)
        assert _names(trial) == _names(again)
        assert set(_names(trial)).isdisjoint(_names(other)), "another seed has the same name"

    def test_a_trial_travels_as_plain_data(self) -> None:
        """A worker has the trial that the driver planned."""
        trial = self._trial()
        assert PlainTrial.of(trial).trial(self.study) == trial

    def test_every_row_that_changes_a_value_has_a_name_of_its_own(self) -> None:
        """Or its values are read by nobody, and it is the base under another title."""
        suite, base = self._suite(), self._config()
        names = {v.name: self._trial(v.changes).fingerprint for v in suite.variants if apply(base, v.changes) != base}
        assert len({self._trial().fingerprint, *names.values()}) == len(names) + 1, f"of {names}, two are the same"

    def test_training_twice_gives_the_same_bytes(self) -> None:
        """On one machine, whatever else the process draws."""
        self._promised("training twice")
        assert self._trained()[0] == self._trained()[0], "the same seed gave other bytes"

    def test_a_training_that_goes_on_from_a_checkpoint_gives_the_same_bytes(self) -> None:
        """From the first checkpoint, one in the middle, and the last."""
        self._promised("checkpoints")
        whole, checkpoints = self._trained()
        assert checkpoints, "no checkpoint was saved"
        for checkpoint in {checkpoints[0], checkpoints[len(checkpoints) // 2], checkpoints[-1]}:
            assert self._trained(checkpoint)[0] == whole, "a training that went on from a checkpoint gave other bytes"

    def test_every_sample_has_every_metric_as_a_finite_number(self, tmp_path: Path) -> None:
        """And measuring again gives the same numbers."""
        one, two = (self._measured(tmp_path / name) for name in ("one", "two"))
        known = {metric.name for metric in self.study.measures(self._config())}
        samples = {sample for sample, _ in one}
        assert one.keys() == {(sample, metric) for sample in samples for metric in known}
        assert all(map(math.isfinite, one.values()))
        if "training twice" not in self.study.unpromised:
            assert one == two

    def test_every_training_free_rule_can_be_measured(self, tmp_path: Path) -> None:
        """With the same metrics."""
        store = Store(str(tmp_path))
        for rule in self.study.rules:
            execute_trial(self.study, trial := baseline_trial(self.study, rule, config := self._config()), store)
            known = {metric.name for metric in self.study.measures(config)}
            assert {metric for _, metric in _values(store, trial)} == known

    def test_validation_is_named_apart_from_the_test(self) -> None:
        """So that what a search saw is never taken for a result."""
        if not self.study.size(self._config(), VAL):
            pytest.skip("the study has no validation split: it cannot be searched")
        config = self._config()
        assert validation_trial(self.study, "row", config, 1).fingerprint != self._trial().fingerprint

    def test_every_function_of_its_own_that_ran_decides_a_name(self) -> None:
        """A change of any of them has results made anew."""
        self._promised("code")
        trial = self._trial()
        with tempfile.TemporaryDirectory() as folder:
            store = Store(folder)
            trained = _ran(lambda: train_trial(self.study, trial, store))
            measured = _ran(lambda: execute_trial(self.study, trial, store))
        stages = [named.stage for named in trial.stages]
        chosen = {path: value for stage in stages for path, value in paths_of(stage.config).items()}
        builders = [text for stage in stages for text in builders_of(stage.config)]
        for calls, making in ((trained, self.study.training), (measured, self.study.measuring)):
            missing = _not_found(calls, making, definitions_of(making, chosen, builders).keys())
            assert not missing, f"these ran, and a change of them would not be noticed: {', '.join(sorted(missing))}"

    def _promised(self, clause: str) -> None:
        if clause in self.study.unpromised:
            pytest.skip(f"unchecked: a study of this kind cannot promise it ({clause})")

    def _suite(self) -> Suite:
        return suite_of(self.study)

    def _config(self, changes: Mapping[str, Any] | None = None) -> Any:
        study = self.study
        config = apply(study.schema.compose(), dict(self.changes))
        if self.checkpoint in paths_of(config):
            config = apply(config, {str(self.checkpoint): 0})
        if study.device:
            config = apply(config, {study.device: "cpu"})
        return study.prepared(apply(config, dict(changes or {})), (TRAIN, TEST))

    def _trial(self, changes: Mapping[str, Any] | None = None, seed: int = 1) -> Trial:
        return variant_trial(self.study, "row", self._config(changes), seed)

    def _trained(self, checkpoint: bytes | None = None) -> tuple[bytes, list[bytes]]:
        """State of the first stage, and its checkpoints."""
        trial, saved = self._trial(), list[bytes]()
        job = StageJob(trial.config, checkpoint=checkpoint, save=saved.append)
        return self.study.train(trial.stages[0].stage, job).state, saved

    def _measured(self, folder: Path) -> Values:
        store, trial = Store(str(folder)), self._trial()
        execute_trial(self.study, replace(trial), store)
        return _values(store, trial)


def _names(trial: Trial) -> tuple[str, ...]:
    return (*(named.fingerprint for named in trial.stages), trial.fingerprint)


def _values(store: Store, trial: Trial) -> Values:
    entry = store.find(TRIALS, trial.fingerprint)
    assert entry is not None
    table = read_table(store.read(entry, "results.parquet") or b"", MEASURED)
    return {(str(line.image), str(line.metric)): float(line.value) for line in table.itertuples()}  # type: ignore[arg-type]


def _ran(work: Callable[[], object]) -> set[tuple[str, str, int]]:
    """File, name of the module as it calls itself, and first line of every function that is called."""
    calls: set[tuple[str, str, int]] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_flags & inspect.CO_OPTIMIZED:  # a function, no body of a class
            module = str(frame.f_globals.get("__name__", ""))
            calls.add((frame.f_code.co_filename, module, frame.f_code.co_firstlineno))

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def _not_found(calls: set[tuple[str, str, int]], making: Making, found: Any) -> set[str]:
    followed = {(module, line) for _, module, line in calls if making.follows(module)}
    files = {module: source_file(module, making.root) for module, _ in followed}
    places = {(module, file.definition_at(line)) for module, line in followed if (file := files[module])}
    return {f"{module}:{name}" for module, name in places if name} - set(found)
