"""Trials are rows times seeds, with the stages that they are made of."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assay.config.errors import UserError
from assay.experiment.naming import fingerprint
from assay.experiment.suite import Variant, load_suite
from assay.experiment.trial import Trial, baseline_trial, missing_stages, trials_of, variant_trial
from assay.store.received.names import is_file_name
from smfnet.config.root import Config
from smfnet.folders import ablations_folder
from smfnet.study import study

MakeConfig = Callable[..., Config]
MakeTrial = Callable[..., Trial]


def test_whole_tables_come_first(tiny: MakeConfig) -> None:
    rows = (Variant("a", "A"), Variant("b", "B", {"fuse.swap": True}))
    trials = trials_of(study(), tiny({"seed": 5}), rows, 2)
    assert [(trial.id, trial.row, trial.seed) for trial in trials] == [
        ("a-seed5", "a", 5),
        ("b-seed5", "b", 5),
        ("a-seed6", "a", 6),
        ("b-seed6", "b", 6),
    ]


def test_the_rows_of_table5_share_what_they_can_share(tiny: MakeConfig) -> None:
    suite = load_suite("table5", ablations_folder())
    trials = {trial.row: trial for trial in trials_of(study(), tiny(), suite.variants, 1)}
    first = {row: trial.stages[0].fingerprint for row, trial in trials.items()}
    sharing = {row for row, name in first.items() if name == first["ours"]}
    assert sharing == {"ours", "swap_fusion", "swap_fusion_no_grdb", "swapped_weights"}
    assert len({trial.fingerprint for trial in trials.values()}) == len(trials)


def test_every_stage_depends_on_the_seed(make_trial: MakeTrial) -> None:
    one, other = make_trial(seed=1), make_trial(seed=2)
    assert not {named.fingerprint for named in one.stages} & {named.fingerprint for named in other.stages}


def test_a_change_of_stage_two_leaves_stage_one_and_a_change_of_stage_one_changes_both(make_trial: MakeTrial) -> None:
    base = [named.fingerprint for named in make_trial().stages]
    second = [named.fingerprint for named in make_trial(changes={"loss.stage2.w_grad": 3}).stages]
    first = [named.fingerprint for named in make_trial(changes={"loss.stage1.w_grad": 3}).stages]
    assert [a == b for a, b in zip(base, second, strict=True)] == [True, False]
    assert [a == b for a, b in zip(base, first, strict=True)] == [False, False]


def test_the_name_of_a_row_is_no_part_of_what_it_is(make_trial: MakeTrial) -> None:
    assert make_trial("mine").fingerprint == make_trial("ours").fingerprint


def test_a_row_whose_change_does_not_fit_is_named(tiny: MakeConfig) -> None:
    with pytest.raises(UserError, match=r"row wrong: unknown configuration path 'fuse\.swop'"):
        trials_of(study(), tiny(), [Variant("ours", "Ours"), Variant("wrong", "Wrong", {"fuse.swop": True})], 1)


def test_training_free_rows_have_no_stages_and_no_seed(tiny: MakeConfig) -> None:
    trial = baseline_trial(study(), "max", tiny())
    assert (trial.id, trial.rule, trial.seed, trial.stages) == ("max", "max", -1, ())
    assert trial.fingerprint == baseline_trial(study(), "max", tiny({"optim.lr": 1, "seed": 3})).fingerprint
    with pytest.raises(UserError, match=r"unknown training-free row 'maxx'\. Did you mean max\?"):
        baseline_trial(study(), "maxx", tiny())


def test_names_of_rows_are_safe_as_files_and_seeds_are_never_lost(tiny: MakeConfig) -> None:
    long = 300 * "x"
    ids = {variant_trial(study(), name, tiny(), seed).id for name in ("../../etc", long, long + "y") for seed in (1, 2)}
    assert len(ids) == 6
    assert all(is_file_name(name) and len(name) < 230 for name in ids)
    assert variant_trial(study(), "w/o GNN", tiny(), 1).id == "w%2Fo GNN-seed1"
    assert variant_trial(study(), "白天", tiny(), 1).id == "白天-seed1"


def test_stages_before_one_that_is_stored_are_not_missing(make_trial: MakeTrial) -> None:
    trial = make_trial()
    first, second = (named.fingerprint for named in trial.stages)
    assert missing_stages(trial, ()) == trial.stages
    assert missing_stages(trial, {first}) == trial.stages[1:]
    assert missing_stages(trial, {second}) == missing_stages(trial, {first, second}) == ()


def test_what_is_the_same_under_every_seed_is_worked_out_once(
    tiny: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, code_of = [], fingerprint.code_of
    monkeypatch.setattr(fingerprint, "code_of", lambda *given: (asked.append(given), code_of(*given))[1])
    rows = [Variant("ours", "Ours", {}), Variant("swap", "swap", {"fuse.swap": True})]
    trials_of(study(), tiny(), rows, seeds=5)
    assert len(asked) <= 6  # two stages and a measurement of each row, if no test has asked before
