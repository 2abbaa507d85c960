"""One trial makes a stage while the others that need it wait."""

from __future__ import annotations

from collections.abc import Callable

from assay.experiment.source import StageGate
from assay.experiment.trial import Trial

MakeTrial = Callable[..., Trial]


def _names(trial: Trial) -> list[str]:
    return [named.fingerprint for named in trial.stages]


def test_a_follower_waits_until_the_shared_stage_is_stored(make_trial: MakeTrial) -> None:
    gate, ours, swap = StageGate(), make_trial(), make_trial("swap", {"fuse.swap": True})
    assert gate.enter(ours) == ours.stages
    assert gate.is_open(ours)
    assert not gate.is_open(swap)
    gate.stored(_names(ours)[:1])
    assert gate.is_open(swap)
    assert gate.enter(swap) == swap.stages[1:]


def test_trials_that_share_nothing_do_not_wait(make_trial: MakeTrial) -> None:
    gate = StageGate()
    gate.enter(make_trial())
    assert gate.is_open(make_trial(seed=2))
    assert gate.is_open(make_trial("other", {"graph.kind": "conv"}))


def test_a_trial_that_ends_without_its_stage_is_waited_for_no_longer(make_trial: MakeTrial) -> None:
    gate, ours, swap = StageGate(), make_trial(), make_trial("swap", {"fuse.swap": True})
    gate.enter(ours)
    gate.leave(ours)
    assert gate.is_open(swap)
    assert gate.enter(swap) == swap.stages
    assert not gate.is_open(ours)


def test_what_is_stored_from_the_start_is_made_by_nobody(make_trial: MakeTrial) -> None:
    ours, swap = make_trial(), make_trial("swap", {"fuse.swap": True})
    gate = StageGate(_names(ours)[:1])
    assert gate.enter(ours) == ours.stages[1:]
    assert gate.is_open(swap)


def test_first_come_those_that_most_others_wait_for(make_trial: MakeTrial) -> None:
    alone = make_trial("alone", {"graph.kind": "conv"})
    ours, swap = make_trial(), make_trial("swap", {"fuse.swap": True})
    grad = make_trial("grad", {"loss.stage2.w_grad": 7})
    joint = [make_trial(f"joint{k}", {"loss.mse.weight": 1, "loss.stage2.w_grad": k}) for k in (1, 2)]
    order = StageGate().in_order([alone, joint[0], ours, swap, joint[1], grad])
    assert [trial.row for trial in order] == ["ours", "joint1", "alone", "swap", "joint2", "grad"]


def test_what_is_stored_is_waited_for_by_nobody(make_trial: MakeTrial) -> None:
    alone, ours = make_trial("alone", {"graph.kind": "conv"}), make_trial()
    swap = make_trial("swap", {"fuse.swap": True})
    order = StageGate(_names(ours)[:1]).in_order([alone, ours, swap])
    assert [trial.row for trial in order] == ["alone", "ours", "swap"]
