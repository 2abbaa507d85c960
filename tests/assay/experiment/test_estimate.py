"""Time and memory of a plan, from what is stored or from a few steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest

from assay.experiment.estimate import estimate
from assay.experiment.execution import execute_trial
from assay.experiment.plan import Plan, plan
from assay.experiment.trial import Trial
from assay.store.store import STAGES, Store
from assay.training.probe import Cost, probe
from smfnet.training import Stage

MakeTrial = Callable[..., Trial]
STEPS = 2  # an epoch


def _plan(store: Store, *trials: Trial) -> Plan:
    return plan(trials, store)


def _second_a_step(stage: Stage, patch: int) -> Cost:
    return Cost(1.0, 2**30)


def test_stages_that_are_made_one_after_the_other(make_trial: MakeTrial, store: Store) -> None:
    """Stage I is one epoch, stage II two; the second trial shares stage I."""
    planned = _plan(store, make_trial(), make_trial("swap", {"fuse.swap": True}))
    for slots, wall in ((1, 10), (2, 6), (9, 6)):  # with two slots the second waits for stage I, then both do stage II
        made = estimate(planned, store, slots, _second_a_step)
        assert (made.work_s, made.wall_s) == (10, wall)
    assert (made.memory, made.measured, made.tried) == (2**30, 0, 3)


def test_independent_trials_fill_the_slots(make_trial: MakeTrial, store: Store) -> None:
    planned = _plan(store, *(make_trial(seed=seed) for seed in range(3)))
    assert [estimate(planned, store, slots, _second_a_step).wall_s for slots in (1, 2, 3)] == [18, 12, 6]


def test_each_kind_of_stage_is_tried_once(make_trial: MakeTrial, store: Store) -> None:
    kinds: list[str] = []

    def note(stage: Stage, patch: int) -> Cost:
        assert patch == 16
        kinds.append(stage.kind)
        return Cost(1.0, 0)

    joint = make_trial("joint", {"train.stage1_epochs": 0})
    estimate(_plan(store, make_trial(), make_trial(seed=2), joint), store, 1, note)
    assert sorted(kinds) == ["joint", "stage1", "stage2"]


def test_what_such_stages_took_before_is_taken(make_trial: MakeTrial, store: Store) -> None:
    for seed, seconds in ((1, 10.0), (2, 30.0), (3, 20.0)):
        trial = make_trial(seed=seed)
        execute_trial(trial, store)
        for named in trial.stages:
            entry = store.find(STAGES, named.fingerprint)
            assert entry is not None
            store.remove(entry)
            steps = STEPS * named.epochs
            store.write(
                STAGES, named.fingerprint, {}, {**asdict(entry.record), "seconds": seconds * steps, "steps": steps}
            )
    planned = _plan(store, make_trial(seed=4, changes={"loss.stage2.w_grad": 3}))
    made = estimate(planned, store, 1, pytest.fail)
    assert (made.measured, made.tried) == (2, 0)
    assert made.work_s == pytest.approx(20.0 * STEPS * 3, abs=20)  # and the test step
    wider = estimate(_plan(store, make_trial(changes={"network.width": 8})), store, 1, _second_a_step)
    assert (wider.measured, wider.tried) == (0, 2)


def test_nothing_to_do_takes_no_time(store: Store) -> None:
    made = estimate(_plan(store), store, 1, pytest.fail)
    assert (made.work_s, made.wall_s, made.memory) == (0, 0, 0)


@pytest.mark.parametrize("kind", ["stage1", "stage2", "joint"])
def test_a_probe_measures_real_steps(make_trial: MakeTrial, kind: str) -> None:
    trial = make_trial(changes={"train.stage1_epochs": 0} if kind == "joint" else {})
    stage = next(named.stage for named in trial.stages if named.stage.kind == kind)
    cost = probe(stage, 16)
    assert 0 < cost.step_s < 60
    assert 50 * 2**20 < cost.memory < 100 * 2**30  # a process with torch
