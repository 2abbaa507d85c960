"""What a run will do, held against what is stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assay.config.errors import UserError
from assay.experiment.execution import execute_trial
from assay.experiment.planning.plan import plan
from assay.experiment.trial import Trial, baseline_trial
from assay.stage import Progress
from assay.store.store import STAGES, Store
from smfnet.study import study

MakeTrial = Callable[..., Trial]


@pytest.fixture
def trials(make_trial: MakeTrial) -> tuple[Trial, ...]:
    """Two that share stage I, one alone, and a training-free row."""
    swap, alone = make_trial("swap", {"fuse.swap": True}), make_trial("alone", {"train.stage1_epochs": 0})
    return make_trial(), swap, alone, baseline_trial(study(), "max", make_trial().config)


def test_nothing_is_there(trials: tuple[Trial, ...], store: Store) -> None:
    planned = plan(trials, store)
    assert planned.open == trials
    assert len(planned.stages) == len(planned.to_train) == 4
    assert planned.shared == {trials[0].stages[0].fingerprint: 2}
    assert (planned.epochs_asked, planned.epochs_to_train) == (9, 8)
    assert planned.work == {
        "ours-seed1": {"stage1": 1, "stage2": 2},
        "swap-seed1": {"stage2": 2},
        "alone-seed1": {"joint": 3},
        "max": {},
    }


def test_what_is_measured_and_what_it_shares_is_not_done_again(trials: tuple[Trial, ...], store: Store) -> None:
    execute_trial(study(), trials[0], store)
    planned = plan(trials, store)
    assert planned.open == trials[1:]
    assert planned.stored == {trials[0].stages[0].fingerprint}
    assert [named.stage.kind for named in planned.to_train] == ["stage2", "joint"]
    assert (planned.epochs_asked, planned.epochs_to_train) == (9, 5)


def test_a_finished_plan_has_nothing_to_do(trials: tuple[Trial, ...], store: Store) -> None:
    for trial in (trials[0], trials[3]):
        execute_trial(study(), trial, store)
    planned = plan((trials[0], trials[3]), store)
    assert (planned.open, planned.to_train, planned.epochs_to_train) == ((), (), 0)


class Killed(BaseException):
    """What a dying process would see of it."""


def test_a_stage_that_was_begun_counts_as_far_as_it_came(make_trial: MakeTrial, store: Store) -> None:
    trial = make_trial(changes={"train.checkpoint_s": 0})

    def report(progress: Progress) -> None:
        if (progress.stage, progress.step) == ("stage2", 4):
            raise Killed

    with pytest.raises(Killed):
        execute_trial(study(), trial, store, report)
    planned = plan([trial], store)
    assert planned.begun == {trial.stages[1].fingerprint: 2}
    assert planned.epochs_to_train == 1


def test_damage_is_found_before_anything_starts(trials: tuple[Trial, ...], store: Store) -> None:
    execute_trial(study(), trials[0], store)
    path = f"stages/{trials[0].stages[0].fingerprint}/state.safetensors"
    store.files.write(path, store.files.read(path)[:-1])
    results = f"trials/{trials[0].fingerprint}/results.parquet"
    store.files.write(results, b"")
    planned = plan(trials, store)
    assert trials[0] in planned.open
    assert planned.stored == {trials[0].stages[1].fingerprint}
    assert store.find(STAGES, trials[0].stages[0].fingerprint) is None


def test_without_verification_the_records_are_read_and_no_file(
    make_trial: MakeTrial, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured, swap = make_trial(), make_trial("swap", {"fuse.swap": True})
    execute_trial(study(), measured, store)
    thorough = plan([measured, swap], store)
    monkeypatch.setattr(store, "read", pytest.fail)
    quick = plan([measured, swap], store, verify=False)
    assert (quick.measured, quick.stored) == (thorough.measured, thorough.stored)
    assert quick.measured == {measured.fingerprint}
    assert quick.stored == {measured.stages[0].fingerprint}


def test_a_checkpoint_that_is_none_is_named(make_trial: MakeTrial, store: Store) -> None:
    trial = make_trial()
    stage = trial.stages[0].fingerprint
    store.write_checkpoint(stage, b"sealed, and no state")
    with pytest.raises(UserError, match=rf"checkpoints/{stage}: expected the state of a stage; .* begun anew"):
        plan([trial], store)


def test_a_stage_knows_its_users(make_trial: MakeTrial, store: Store) -> None:
    ours, swap = make_trial(), make_trial("swap", {"fuse.swap": True})
    planned = plan([ours, swap], store)
    assert planned.users[ours.stages[0].fingerprint] == [ours.id, swap.id]
    assert planned.users[swap.stages[1].fingerprint] == [swap.id]
    assert planned.shared == {ours.stages[0].fingerprint: 2}
