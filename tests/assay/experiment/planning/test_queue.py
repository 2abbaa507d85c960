"""One trial makes a stage while the others that need it stand aside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.experiment.planning import queue as module
from assay.experiment.planning.queue import TrialQueue
from assay.experiment.trial import NamedStage, Trial, missing_stages

MakeTrial = Callable[..., Trial]


def _names(trial: Trial) -> list[str]:
    return [named.fingerprint for named in trial.stages]


def test_a_follower_waits_until_the_shared_stage_is_stored(make_trial: MakeTrial) -> None:
    ours, swap = make_trial(), make_trial("swap", {"fuse.swap": True})
    queue = TrialQueue(trials=[ours, swap])
    assert (queue.next(), queue.next()) == (ours, None)
    assert queue.makes(ours) == ours.stages
    queue.stored(_names(ours)[:1])
    assert queue.next() == swap
    assert queue.makes(swap) == swap.stages[1:]
    assert not queue


def test_trials_that_share_nothing_do_not_wait(make_trial: MakeTrial) -> None:
    trials = [make_trial(), make_trial(seed=2), make_trial("other", {"graph.kind": "conv"})]
    queue = TrialQueue(trials=trials)
    assert [queue.next() for _ in trials] == trials


def test_a_trial_that_ends_without_its_stage_is_waited_for_no_longer(make_trial: MakeTrial) -> None:
    ours, swap = make_trial(), make_trial("swap", {"fuse.swap": True})
    third = make_trial("third", {"fuse.swap": True, "loss.stage2.w_grad": 3})
    queue = TrialQueue(trials=[ours, swap, third])
    assert queue.next() == ours
    queue.leave(ours)
    assert (queue.next(), queue.next()) == (swap, None)
    assert queue.makes(swap) == swap.stages


def test_what_is_stored_from_the_start_is_made_by_nobody(make_trial: MakeTrial) -> None:
    ours, swap = make_trial(), make_trial("swap", {"fuse.swap": True})
    queue = TrialQueue(_names(ours)[:1], [ours, swap])
    assert (queue.next(), queue.next()) == (ours, swap)
    assert queue.makes(ours) == ours.stages[1:]


def test_what_is_dropped_does_not_start_and_frees_what_it_was_making(make_trial: MakeTrial) -> None:
    ours, swap = make_trial(), make_trial("swap", {"fuse.swap": True})
    queue = TrialQueue()
    for trial in (ours, swap, make_trial(seed=2)):
        queue.add(trial)
    queue.drop(make_trial(seed=2))
    assert (queue.next(), queue.next(), len(queue)) == (ours, None, 1)
    queue.drop(ours)
    assert queue.next() == swap


def test_first_come_those_that_most_others_wait_for(make_trial: MakeTrial) -> None:
    alone = make_trial("alone", {"graph.kind": "conv"})
    ours, swap = make_trial(), make_trial("swap", {"fuse.swap": True})
    grad = make_trial("grad", {"loss.stage2.w_grad": 7})
    joint = [make_trial(f"joint{k}", {"loss.mse.weight": 1, "loss.stage2.w_grad": k}) for k in (1, 2)]
    queue = TrialQueue(trials=[alone, joint[0], ours, swap, joint[1], grad])
    assert _run(queue, slots=1) == ["ours", "joint1", "alone", "swap", "joint2", "grad"]


def test_what_is_stored_is_waited_for_by_nobody(make_trial: MakeTrial) -> None:
    alone, ours = make_trial("alone", {"graph.kind": "conv"}), make_trial()
    queue = TrialQueue(_names(ours)[:1], [alone, ours, make_trial("swap", {"fuse.swap": True})])
    assert _run(queue, slots=1) == ["alone", "ours", "swap"]


def _run(queue: TrialQueue, slots: int) -> list[str]:
    """Rows in the order in which they start; the longest running trial ends whenever none can start."""
    running: list[Trial] = []
    order = []
    while queue or running:
        trial = queue.next() if len(running) < slots else None
        if trial:
            running.append(trial)
            order.append(trial.row)
        else:
            ended = running.pop(0)
            queue.stored(_names(ended))
            queue.leave(ended)
    return order


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=12), st.integers(1, 4))
def test_everybody_has_a_turn_and_no_stage_is_made_twice(
    make_trial: MakeTrial, stages: list[tuple[int, int]], slots: int
) -> None:
    """Any sharing, any number of workers; some trials fail before they have made anything."""
    model = make_trial()
    trials = [_of(model, number, [f"one{a}", f"one{a}two{b}"]) for number, (a, b) in enumerate(stages)]
    queue, made, running = TrialQueue(trials=trials), set[str](), list[Trial]()
    while queue or running:
        trial = queue.next() if len(running) < slots else None
        if trial is None:
            ended = running.pop(0)
            if ended.seed % 3:
                assert made.isdisjoint(named.fingerprint for named in queue.makes(ended))
                made.update(_names(ended))
                queue.stored(_names(ended))
            queue.leave(ended)
            continue
        being_made = {named.fingerprint for each in running for named in queue.makes(each)} - made
        assert being_made.isdisjoint(_names(trial))
        running.append(trial)
    assert made == {name for trial in trials if trial.seed % 3 for name in _names(trial)}


def _of(model: Trial, number: int, stages: list[str]) -> Trial:
    named = tuple(NamedStage(model.stages[0].stage, name) for name in stages)
    return Trial(f"t{number}", "row", number, model.config, named, None, f"f{number}")


@pytest.mark.parametrize(("count", "asked"), [(20, 50), (200, 500)])
def test_who_stands_aside_is_looked_at_once_and_not_whenever_a_worker_asks(
    make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch, count: int, asked: int
) -> None:
    looks: list[str] = []

    def note(trial: Trial, stored: set[str]) -> tuple[NamedStage, ...]:
        looks.append(trial.id)
        return missing_stages(trial, stored)

    trials = [_of(make_trial(), number, ["shared", f"own{number}"]) for number in range(count)]
    queue = TrialQueue(trials=trials)
    monkeypatch.setattr(module, "missing_stages", note)
    answers = [queue.next() for _ in range(asked)]
    assert [answer for answer in answers if answer] == trials[:1]
    assert len(looks) == count
    queue.stored(["shared"])
    assert [queue.next() for _ in range(count - 1)] == trials[1:]
    assert len(looks) == 2 * count - 1


def test_seed_by_seed_whole_tables_come_before_what_others_wait_for(make_trial: MakeTrial) -> None:
    swaps = [make_trial("swap", {"fuse.swap": True}, seed=seed) for seed in (1, 2)]
    trials = [make_trial("other", {"graph.kind": "conv"}), make_trial(), swaps[0], make_trial(seed=2), swaps[1]]
    eager, by_seed = TrialQueue(trials=trials), TrialQueue(trials=trials, seed_by_seed=True)
    assert [eager.next().id for _ in range(2)] == ["ours-seed1", "ours-seed2"]  # type: ignore[union-attr]
    first = [by_seed.next().id for _ in range(2)]  # type: ignore[union-attr]
    assert first == ["ours-seed1", "other-seed1"]


def test_a_queue_that_is_cleared_hands_out_nothing_and_those_that_run_may_end(make_trial: MakeTrial) -> None:
    ours, swap = make_trial(), make_trial("swap", {"fuse.swap": True})
    queue = TrialQueue(trials=[ours, swap, make_trial(seed=2)])
    assert queue.next() == ours
    queue.clear()
    queue.stored(_names(ours))
    queue.leave(ours)
    assert not queue
    assert queue.next() is None
