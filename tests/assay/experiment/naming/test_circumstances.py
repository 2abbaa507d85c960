"""What numbers depend on beside configuration and code is kept with everything that is stored."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import torch

from assay.config.changes import apply
from assay.experiment.execution import execute_trial
from assay.experiment.naming.circumstances import made_with, together
from assay.experiment.trial import Trial
from assay.store.store import STAGES, TRIALS, Store
from smfnet.config.root import Config
from smfnet.study import study


def test_versions_processor_and_threads_are_named() -> None:
    found = made_with(study(), apply(Config(), {"train.device": "cpu", "train.threads": 2}))
    assert found.keys() == {*study().decisive, "processor", "GPU", "threads"}
    assert (found["torch"], found["numpy"]) == (torch.__version__, version("numpy"))
    assert (found["GPU"], found["threads"]) == ("none", "2")
    assert all(found.values())


def test_every_entry_has_them(make_trial: Callable[..., Trial], store: Store) -> None:
    trial = make_trial()
    execute_trial(study(), trial, store)
    entries = [store.find(STAGES, named.fingerprint) for named in trial.stages]
    for entry in (*entries, store.find(TRIALS, trial.fingerprint)):
        assert entry is not None
        assert entry.record.made_with == made_with(study(), trial.config)


def test_what_several_entries_were_made_with_has_every_value_once() -> None:
    each: list[dict[str, str]] = [{"torch": "2.11.0"}, {"torch": "2.13.0", "GPU": "none"}, {}]
    assert together([*each, each[0]]) == {"torch": ("2.11.0", "2.13.0"), "GPU": ("none",)}
