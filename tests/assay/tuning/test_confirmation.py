"""Which configurations meet the test split, and under which seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import optuna
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from assay.config.changes import apply
from assay.tuning.confirmation import confirmation, described, fresh
from assay.tuning.record import best_trials
from assay.tuning.spaces.space import Space
from smfnet.config.root import Config

SpaceOf = Callable[..., Space]


def _study(*trials: tuple[float, list[float] | None, str], objectives: int = 1) -> optuna.Study:
    """Trials of alpha3: its value, the objectives (None: stopped), and the role."""
    study = optuna.create_study(directions=["maximize"] * objectives)
    for alpha3, values, role in trials:
        study.add_trial(
            create_trial(
                params={"alpha3": alpha3},
                distributions={"alpha3": FloatDistribution(0.8, 80, log=True)},
                values=values,
                state=TrialState.COMPLETE if values else TrialState.PRUNED,
                user_attrs={"role": role} if role else {},
            )
        )
    return study


def test_the_best_others_stand_beside_the_papers_defaults(space_of: SpaceOf) -> None:
    study = _study((8.0, [0.9], "paper"), (4.0, [0.8], ""), (2.0, [0.95], ""), (1.0, None, ""), (3.0, [0.7], ""))
    suite = confirmation(study, space_of("alpha3"), 2, "paper")
    assert suite is not None
    assert suite.base == "paper_defaults"
    assert [(row.name, row.title, row.changes) for row in suite.variants] == [
        ("paper_defaults", "the paper's defaults", {"loss.stage1.w_ssim": 8.0}),
        ("best1", "trial 2: alpha3=2", {"loss.stage1.w_ssim": 2.0}),
        ("best2", "trial 1: alpha3=4", {"loss.stage1.w_ssim": 4.0}),
    ]


def test_defaults_that_were_the_best_are_not_trained_twice(space_of: SpaceOf) -> None:
    suite = confirmation(_study((8.0, [0.9], "paper"), (4.0, [0.8], "")), space_of("alpha3"), 5, "paper")
    assert suite is not None
    assert [row.name for row in suite.variants] == ["paper_defaults", "best1"]


def test_the_presets_own_values_stand_beside_them_if_they_differ(space_of: SpaceOf) -> None:
    study = _study((8.0, [0.9], "paper"), (6.0, None, "own"), (4.0, [0.8], ""))
    suite = confirmation(study, space_of("alpha3"), 1, "paper")
    assert suite is not None
    assert [row.name for row in suite.variants] == ["paper_defaults", "preset_defaults", "best1"]


def test_without_the_papers_values_the_configuration_itself_is_the_base(space_of: SpaceOf) -> None:
    suite = confirmation(_study((4.0, [0.8], "")), space_of("alpha3"), 1, "paper")
    assert suite is not None
    assert (suite.base, suite.variants[0].changes) == ("preset_defaults", {})


def test_with_nothing_but_the_defaults_there_is_nothing_to_confirm(space_of: SpaceOf) -> None:
    assert confirmation(_study((8.0, [0.9], "paper"), (4.0, None, "")), space_of("alpha3"), 1, "paper") is None


def test_what_lies_outside_its_ranges_is_neither_the_best_nor_beats_anything(space_of: SpaceOf) -> None:
    """The paper's alpha3 is 8; trials 1 and 2 are inside."""
    space = space_of("alpha3=1:6")
    study = _study((8.0, [0.9], "paper"), (4.0, [0.7], ""), (2.0, [0.8], ""))
    assert [trial.number for trial in best_trials(study, space)] == [2, 1]
    both = _study((8.0, [0.9, 0.9], "paper"), (4.0, [0.7, 0.8], ""), (2.0, [0.8, 0.7], ""), objectives=2)
    assert [trial.number for trial in best_trials(both, space)] == [2, 1]
    assert best_trials(study, space_of("alpha3=10:60")) == []


def test_of_a_front_come_first_the_best_in_each_objective(space_of: SpaceOf) -> None:
    values = [[0.5, 0.5], [0.1, 0.9], [0.9, 0.1], [0.4, 0.4], [0.6, 0.45]]
    study = _study(*((1.0 + place, each, "") for place, each in enumerate(values)), objectives=2)
    assert [trial.number for trial in best_trials(study, space_of("alpha3"))] == [2, 1, 0, 4]  # 3 is beaten by 0


def test_the_seeds_are_none_that_the_search_has_used() -> None:
    config = fresh(Config(), seeds_per_trial=3, seeds=2)
    assert (config.seed, config.seeds) == (Config().seed + 3, 2)


def test_samples_in_words(space_of: SpaceOf) -> None:
    sample: dict[str, Any] = {"alpha3": 4.12345, "cross_attention": False, "groups": 2, "graph_branch": "none"}
    space = space_of("alpha3", "cross_attention", "groups", "graph_branch")
    assert described(space, sample) == "alpha3=4.12 cross_attention=false groups=2 graph_branch=none"
    assert not apply(Config(), space.changes(sample)).detail.cai.cross.enabled


def test_a_study_without_a_paper_has_its_base_beside_them(space_of: SpaceOf) -> None:
    study = _study((8.0, [0.9], "paper"), (6.0, [0.7], "own"), (4.0, [0.8], ""))
    suite = confirmation(study, space_of("alpha3"), 1)
    assert suite is not None
    assert [(row.name, row.title) for row in suite.variants[:2]] == [
        ("base", "the base"),
        ("own", "the command's own values"),
    ]
