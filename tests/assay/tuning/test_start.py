"""What an earlier search has of a new one is taken: told to the sampler, not trained again, and beside the budget."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.tuning.attributes import ORIGIN, ROLE
from assay.tuning.search import Search
from tests.assay.tuning.conftest import EPOCHS, Desk, peak


@pytest.fixture
def old(desk: Desk) -> Path:
    """A search of two loss weights, ten trials, all of them finished."""
    search = desk.search(samples=10, pruning="none", sampler="random")
    desk.worker(search).work()
    return desk.folder


def _new(desk: Desk, old: Path, *words: str, **arguments: Any) -> tuple[Desk, Search]:
    """Another search that begins with the old one."""
    own = replace(desk, folder=desk.folder.with_name("new"))
    return own, own.search(*words, pruning="none", start=old, **arguments)


def _of(search: Search, *, taken: bool) -> list[FrozenTrial]:
    return [trial for trial in search.study.get_trials() if (ORIGIN in trial.user_attrs) == taken]


def _edited(folder: Path, key: str, change: Any) -> None:
    """Change what the journal keeps as a user attribute."""
    path = folder / "study.journal"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if key in line.get("user_attr", {}):
            change(line["user_attr"])
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_what_lies_in_the_new_space_is_told_and_the_rest_is_counted(desk: Desk, old: Path) -> None:
    before = desk.search(samples=10, pruning="none", sampler="random").study.get_trials()
    inside = [trial for trial in before if 2 <= trial.params["alpha3"] <= 20]
    own, search = _new(desk, old, "alpha3=2:20", "beta1", samples=3)
    assert 0 < len(inside) < 10
    assert own.start is not None
    assert own.start.line == (
        f"from {old}: {len(inside)} of 10 trials are taken, nothing of them is trained again; "
        f"not taken: {10 - len(inside)} outside the space"
    )
    taken = _of(search, taken=True)
    assert [(trial.params, trial.values) for trial in taken] == [(trial.params, trial.values) for trial in inside]
    assert {trial.state for trial in taken} == {TrialState.COMPLETE}
    assert taken[0].user_attrs[ROLE] == "paper"  # the defaults are among them: they are not tried again


def test_nothing_of_it_is_trained_again_and_it_costs_no_budget(desk: Desk, old: Path) -> None:
    own, search = _new(desk, old, "alpha3=2:20", "beta1", samples=3)
    count = len(_of(search, taken=True))
    worker = own.worker(search)
    worker.work()
    assert worker.ran == [f"trial{count + number}-seed{own.base.seed}" for number in range(3)]
    assert len({tuple(trial.params.items()) for trial in search.study.get_trials()}) == count + 3


def test_the_same_again_takes_nothing_twice(desk: Desk, old: Path) -> None:
    own, search = _new(desk, old, "alpha3=2:20", "beta1", samples=3)
    own.worker(search).work()
    _, again = _new(desk, old, "alpha3=2:20", "beta1", samples=3)
    assert [trial.params for trial in again.study.get_trials()] == [trial.params for trial in search.study.get_trials()]
    assert not again.has_work()


def test_the_sampler_learns_from_it(desk: Desk, old: Path) -> None:
    """After as many trials that say nothing the same sampler, with the same seed, draws something else."""
    own, search = _new(desk, old, "alpha3=2:20", "beta1", samples=1)
    own.worker(search).work()
    (drawn,) = _of(search, taken=False)
    alone = replace(desk, folder=desk.folder.with_name("alone")).search("alpha3=2:20", "beta1", pruning="none")
    mute = create_trial(state=TrialState.FAIL, params=drawn.params, distributions=drawn.distributions)
    for _ in range(drawn.number - 1):  # the defaults wait already
        alone.study.add_trial(mute)
    alone._ask()
    alone._ask()
    last = alone.study.get_trials()[-1]
    assert last.number == drawn.number
    assert last.params != drawn.params


def test_a_parameter_that_was_fixed_has_the_value_that_it_had(desk: Desk, old: Path) -> None:
    _, search = _new(desk, old, "alpha3", "beta1", "alpha4", samples=1)
    own = search.settings.space.sample_of(desk.base)
    assert own is not None
    assert [trial.params["alpha4"] for trial in _of(search, taken=True)] == [own["alpha4"]] * 10


def test_a_parameter_that_is_fixed_now_leaves_those_that_had_its_value(desk: Desk, old: Path) -> None:
    own, search = _new(desk, old, "alpha3", samples=1)
    assert len(_of(search, taken=True)) == 1  # the defaults
    assert own.start is not None
    assert own.start.left == {"with another loss.stage1.w_grad": 9}


def test_another_objective_is_made_of_the_same_measurements(desk: Desk, old: Path) -> None:
    own, search = _new(desk, old, samples=1, objective=("SSIM",))
    for trial in _of(search, taken=True):
        config = search.settings.space.apply(own.base, trial.params)
        assert trial.value == pytest.approx(peak(config, own.base.seed, EPOCHS)["SSIM"])


@pytest.mark.parametrize(
    ("changes", "arguments", "reason"),
    [
        ({"train.batch": 3}, {}, "nothing can be taken from it: 10 with another train.batch"),
        ({"seed": 1}, {}, "nothing can be taken from it: 10 under other seeds"),
        ({}, {"seeds": 2}, "nothing can be taken from it: 10 under other seeds"),
    ],
)
def test_other_circumstances_are_not_taken(
    desk: Desk, old: Path, changes: dict[str, Any], arguments: dict[str, Any], reason: str
) -> None:
    other = replace(desk, folder=desk.folder.with_name("new"), base=apply(desk.base, changes))
    with pytest.raises(UserError, match=reason):
        other.search(start=old, pruning="none", **arguments)
    assert not (other.folder / "study.journal").exists()


def test_of_two_seeds_one_can_be_taken(desk: Desk) -> None:
    search = desk.search(samples=3, pruning="none", seeds=2)
    desk.worker(search).work()
    _, new = _new(desk, desk.folder, samples=1)
    first = [trial.values[0] - 0.0005 for trial in search.study.get_trials()]  # the second seed adds 0.001
    assert [trial.value for trial in _of(new, taken=True)] == pytest.approx(first)


def test_what_other_code_has_measured_is_not_taken(desk: Desk, old: Path) -> None:
    _edited(old, "validated", lambda kept: kept.update(validated=dict.fromkeys(kept["validated"], "0" * 32)))
    with pytest.raises(UserError, match="10 made by other code, data or device"):
        _new(desk, old)


def test_trials_that_were_stopped_or_failed_are_not_taken(desk: Desk) -> None:
    search = desk.search(samples=8)
    desk.worker(search, fails=lambda row, epoch: "no luck" if row == "trial3" else None).work()
    states = [trial.state for trial in search.study.get_trials()]
    own, _ = _new(desk, desk.folder, samples=1)
    assert own.start is not None
    assert own.start.left == {"not finished": 8 - states.count(TrialState.COMPLETE)}


@pytest.mark.parametrize("key", ["space", "configuration"])
def test_an_edited_study_is_one_line(desk: Desk, old: Path, key: str) -> None:
    _edited(old, "identity", lambda kept: kept["identity"].update({key: 3}))
    with pytest.raises(UserError, match="holds a study that no search began, or was edited"):
        _new(desk, old)


def test_another_folder_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no folder of a search or an ablation: nothing can be taken from it"):
        desk.search(start=tmp_path)
