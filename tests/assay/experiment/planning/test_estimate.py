"""Time and memory of a plan, from what is stored or from a few steps; what is not known is not made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from assay.command.study import CommandStudy, command_study
from assay.config.changes import apply
from assay.config.section import paths_of
from assay.experiment.execution import execute_trial
from assay.experiment.planning.costs import KnownCosts
from assay.experiment.planning.estimate import Basis, Estimate, estimate
from assay.experiment.planning.plan import Plan, plan
from assay.experiment.trial import Trial, variant_trial
from assay.stage import Cost, Progress
from assay.store.store import STAGES, TRIALS, Store
from smfnet.config.root import Config
from smfnet.study import study
from smfnet.training import Stage
from smfnet.training.probe import probe
from tests.counting import calls_of, many_trials

MakeTrial = Callable[..., Trial]
STEPS = 2  # an epoch


def _plan(store: Store, *trials: Trial) -> Plan:
    return plan(trials, store)


def _second_a_step(config: Config, stage: Stage) -> Cost:
    return Cost(1.0, 2**30)


def test_stages_that_are_made_one_after_the_other(make_trial: MakeTrial, store: Store) -> None:
    """Stage I is one epoch, stage II two; the second trial shares stage I."""
    planned = _plan(store, make_trial(), make_trial("swap", {"fuse.swap": True}))
    for slots, wall in ((1, 10), (2, 6), (9, 6)):  # with two slots the second waits for stage I, then both do stage II
        made = estimate(study(), planned, store, slots, _second_a_step)
        assert (made.work_s, made.wall_s) == (10, wall)
    assert (made.memory, made.bases, made.test_s) == (2**30, {Basis.TRIED: 3}, None)


def test_independent_trials_fill_the_slots(make_trial: MakeTrial, store: Store) -> None:
    planned = _plan(store, *(make_trial(seed=seed) for seed in range(3)))
    assert [estimate(study(), planned, store, slots, _second_a_step).wall_s for slots in (1, 2, 3)] == [18, 12, 6]


def test_each_kind_of_stage_is_tried_once(make_trial: MakeTrial, store: Store) -> None:
    kinds: list[str] = []

    def note(config: Config, stage: Stage) -> Cost:
        assert config.data.patch == 16
        kinds.append(stage.kind)
        return Cost(1.0, 0)

    joint = make_trial("joint", {"train.stage1_epochs": 0})
    estimate(study(), _plan(store, make_trial(), make_trial(seed=2), joint), store, 1, note)
    assert sorted(kinds) == ["joint", "stage1", "stage2"]


def test_nothing_is_tried_unless_it_is_asked_for(
    make_trial: MakeTrial, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is an image read."""
    monkeypatch.setattr("smfnet.data.training_patches", pytest.fail)
    made = estimate(study(), _plan(store, make_trial()), store, 1)
    assert (made.work_s, made.wall_s, made.memory, made.unknown) == (0, 0, 0, 2)


def test_what_such_stages_took_before_is_taken_and_else_what_others_of_their_size_took(
    make_trial: MakeTrial, store: Store
) -> None:
    for seed, seconds in ((1, 10.0), (2, 30.0), (3, 20.0)):
        trial = make_trial(seed=seed)
        execute_trial(study(), trial, store)
        for named in trial.stages:
            entry = store.find(STAGES, named.fingerprint)
            assert entry is not None
            store.remove(entry)
            steps = STEPS * named.epochs
            store.write(
                STAGES, named.fingerprint, {}, {**asdict(entry.record), "seconds": seconds * steps, "steps": steps}
            )
    made = _of(store, make_trial(seed=4, changes={"loss.stage2.w_grad": 3}))
    assert made.bases == {Basis.MADE: 2}
    assert made.work_s == pytest.approx(20.0 * STEPS * 3 + (made.test_s or 0))
    assert (made.test_s or 0) > 0
    assert _of(store, make_trial(changes={"graph.kind": "conv"})).bases == {Basis.LIKE: 2}
    assert _of(store, make_trial(changes={"network.width": 8})).bases == {Basis.UNKNOWN: 2}
    assert _of(store, make_trial(changes={"data.limit_test": 1, "optim.lr": 1})).test_s is None


def _of(store: Store, trial: Trial) -> Estimate:
    return estimate(study(), plan([trial], store), store, 1)


@pytest.mark.parametrize(("wanted", "batch"), [(1, 2), (3, 2), (1000, 2), (1000, 4), (None, 2), (None, 4)])
def test_steps_are_counted_as_training_counts_them(
    make_trial: MakeTrial, store: Store, wanted: int | None, batch: int
) -> None:
    """Of an epoch that is asked for more steps than there are patches, those that there are."""
    trial = make_trial(changes={"train.steps_per_epoch": wanted, "train.batch": batch})
    estimated = estimate(study(), _plan(store, trial), store, 1, _second_a_step).work_s
    steps: list[Progress] = []
    execute_trial(study(), trial, store, steps.append)
    assert estimated == len(steps)


def test_of_a_stage_that_was_begun_the_rest_counts(make_trial: MakeTrial, store: Store) -> None:
    trial = make_trial()
    begun = replace(_plan(store, trial), begun={trial.stages[1].fingerprint: 2})  # of epochs 1 and 2
    assert begun.epochs_to_train == 2
    assert estimate(study(), begun, store, 1, _second_a_step).work_s == STEPS * 2


def test_patches_that_a_stored_stage_counted_are_not_counted_again(
    make_trial: MakeTrial, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute_trial(study(), make_trial(seed=1), store)
    monkeypatch.setattr("smfnet.data.training_patches", pytest.fail)
    assert _of(store, make_trial(seed=2)).work_s > 0


def test_a_value_that_is_as_before_its_field_came_fits_what_was_stored_then(
    make_trial: MakeTrial, store: Store
) -> None:
    trial = make_trial(seed=1)
    execute_trial(study(), trial, store)
    known = KnownCosts(store, plan([make_trial(seed=2)], store), study())
    values: dict[str, Any] = {**_values(trial), "train.new": False}
    assert known.step_of_others("stage1", values) is None
    known._before["train.new"] = "False"
    assert known.step_of_others("stage1", values) is not None


def _values(trial: Trial) -> dict[str, Any]:
    return paths_of(trial.config)


def test_nothing_to_do_takes_no_time(make_trial: MakeTrial, store: Store) -> None:
    made = estimate(study(), _plan(store), store, 1, pytest.fail)
    assert (made.work_s, made.wall_s, made.memory, made.bases) == (0, 0, 0, {})


@pytest.mark.parametrize("slots", [1, 7, 500])
def test_the_work_of_an_estimate_grows_as_the_trials_do(make_trial: MakeTrial, store: Store, slots: int) -> None:
    plans = [many_trials(make_trial(), count) for count in (100, 400)]
    small, large = (calls_of(lambda each=each: estimate(study(), each, store, slots, _second_a_step)) for each in plans)
    assert large < 4.4 * small


def test_of_a_large_store_some_records_are_read(
    make_trial: MakeTrial, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan's own are among them; of the files beside the records none."""
    trial = make_trial()
    record = {"kind": "stage1", "steps": 4, "seconds": 8.0, "memory": 0, "samples": 4, "config": _values(trial)}
    for number in range(30):
        store.write(STAGES, f"{number:032x}", {}, {**record, "config": {}})
        store.write(TRIALS, f"{number:032x}", {}, {"seconds": 1.0, "config": {}})
    store.write(STAGES, trial.stages[0].fingerprint, {"state.safetensors": b""}, record)
    monkeypatch.setattr("assay.experiment.planning.costs._MOST_READ", 5)
    found: list[str] = []
    inner = store.find
    monkeypatch.setattr(store, "find", lambda kind, name: (found.append(name), inner(kind, name))[1])
    monkeypatch.setattr(store, "read", pytest.fail)
    planned = plan([trial], store, verify=False)
    found.clear()
    known = KnownCosts(store, planned, study())
    assert known.step("stage1", _values(trial)) == Cost(2.0, 0)
    assert len(found) <= 15


_YAML = """
command: python train.py --width {width} --rounds {rounds} --seed {seed} --out {output}
parameters: {width: 8, rounds: 10}
progress: steps.jsonl
epochs: rounds
results: m.json
metrics: {loss: {better: smaller}}
"""


def _commands(folder: Path, *changes: dict[str, int], name: str = "tiny") -> tuple[CommandStudy, list[Trial]]:
    folder.mkdir(exist_ok=True)
    (folder / "train.py").write_text("")
    made = command_study(_YAML, str(folder / f"{name}.yaml"))
    return made, [variant_trial(made, "ours", apply(made.schema.config(), each), seed=1) for each in changes]


def _took(store: Store, owner: CommandStudy, trial: Trial, seconds: float) -> None:
    record = {"kind": "train", "steps": 10, "seconds": seconds, "samples": 1, "study": owner.name}
    store.write(STAGES, trial.stages[0].fingerprint, {}, record | {"config": paths_of(trial.config)})


def test_a_study_that_says_nothing_of_its_pace_goes_by_all_of_its_values(store: Store, tmp_path: Path) -> None:
    made, (wide, wider, longer) = _commands(tmp_path / "a", {"width": 8}, {"width": 16}, {"rounds": 20})
    _took(store, made, wide, 10.0)
    same, other = (estimate(made, plan([trial], store), store, 1) for trial in (longer, wider))
    assert (same.bases, same.work_s) == ({Basis.MADE: 1}, 20.0)
    assert (other.bases, other.work_s) == ({Basis.LIKE: 1}, 10.0)  # and its text says so


def test_what_another_study_took_says_nothing(store: Store, tmp_path: Path) -> None:
    made, (trial,) = _commands(tmp_path / "a", {})
    another, (theirs,) = _commands(tmp_path / "b", {"rounds": 11}, name="another")
    _took(store, another, theirs, 10.0)
    assert estimate(made, plan([trial], store), store, 1).bases == {Basis.UNKNOWN: 1}


@pytest.mark.parametrize("kind", ["stage1", "stage2", "joint"])
def test_a_probe_measures_real_steps(make_trial: MakeTrial, kind: str) -> None:
    trial = make_trial(changes={"train.stage1_epochs": 0} if kind == "joint" else {})
    stage = next(named.stage for named in trial.stages if named.stage.kind == kind)
    cost = probe(stage, 16)
    assert 0 < cost.step_s < 60
    assert 50 * 2**20 < cost.memory < 100 * 2**30  # a process with torch
