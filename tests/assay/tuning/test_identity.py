"""What is the same search, and where it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assay.config.changes import apply
from assay.experiment.trial import Trial, validation_trial
from assay.tuning.identity import default_folder, identity_of
from assay.tuning.objective import objective_of
from assay.tuning.settings import SearchSettings
from assay.tuning.spaces.space import Space
from smfnet.config.root import Config
from smfnet.study import study as smfnet

SpaceOf = Callable[..., Space]
SMALL = {"data.scenes.train_pairs": 2, "data.scenes.test_pairs": 2, "data.val_pairs": 2, "data.patch": 32}


@pytest.fixture
def settings(space_of: SpaceOf) -> SearchSettings:
    """A search over two loss weights."""
    space, objective = space_of("alpha3", "beta1"), objective_of("VIF", smfnet())
    return SearchSettings(space, apply(Config(), SMALL), objective, "tpe", "asha", 1, _trials)


def _trials(number: int, config: Config) -> list[Trial]:
    return [validation_trial(smfnet(), f"trial{number}", config, 1)]


@pytest.mark.parametrize(
    "changes",
    [
        {"storage": "elsewhere", "note": "x", "seeds": 5},
        {"cluster.cpus": 4, "train.device": "cpu", "train.checkpoint_s": 1},
        {"metrics.table": ["VIF"]},
        {"data.limit_test": 1},
        {"data.scenes.test_pairs": 5},
    ],
)
def test_where_it_runs_and_what_is_tested_at_its_end_do_not_matter(
    settings: SearchSettings, changes: dict[str, Any]
) -> None:
    other = replace(settings, base=apply(settings.base, changes))
    assert identity_of(other, 1) == identity_of(settings, 1)


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("configuration", {"train.epochs": 99}),
        ("configuration", {"infer.rescale": "clip"}),
        ("configuration", {"loss.stage1.w_ssim": 4}),
        ("data", {"data.scenes.seed": 9}),
        ("data", {"data.patch": 64}),
        ("data", {"data.val_pairs": 3}),
    ],
)
def test_what_changes_the_values_matters(settings: SearchSettings, key: str, changes: dict[str, Any]) -> None:
    here, there = identity_of(settings, 1), identity_of(replace(settings, base=apply(settings.base, changes)), 1)
    assert [name for name in here if here[name] != there[name]] == [key]


def test_space_objective_sampler_pruning_seed_and_seeds_matter(settings: SearchSettings, space_of: SpaceOf) -> None:
    others = [
        identity_of(replace(settings, space=space_of("alpha3=1:33", "beta1")), 1),
        identity_of(replace(settings, objective=objective_of("SSIM", smfnet())), 1),
        identity_of(replace(settings, sampler="random"), 1),
        identity_of(replace(settings, pruning="none"), 1),
        identity_of(replace(settings, seed=2), 1),
        identity_of(settings, 2),
    ]
    folders = [default_folder(identity) for identity in (identity_of(settings, 1), *others)]
    assert len(set(folders)) == len(folders)


def test_another_code_is_another_search(settings: SearchSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity_of(settings, 1)
    monkeypatch.setattr("assay.tuning.identity.training_code", lambda study, stage: f"changed {stage.kind}")
    assert identity_of(settings, 1)["code"] != before["code"]


def test_the_folder_is_named_by_the_parameters(settings: SearchSettings, space_of: SpaceOf) -> None:
    assert default_folder(identity_of(settings, 1)).name.startswith("search-alpha3-beta1-")
    many = replace(settings, space=space_of("loss_weights"))
    assert default_folder(identity_of(many, 1)).name.startswith("search-alpha1-alpha2-and-7-more-")
