"""What is the same search, and where it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from smfnet.config.root import Config
from smfnet.config.variant import apply
from smfnet.search.identity import default_folder, identity_of
from smfnet.search.objective import Objective
from smfnet.search.source import Plan
from smfnet.search.space import Space

SpaceOf = Callable[..., Space]
SMALL = {"data.scenes.train_pairs": 2, "data.scenes.test_pairs": 2, "data.val_pairs": 2, "data.patch": 32}


@pytest.fixture
def plan(space_of: SpaceOf) -> Plan:
    """A search over two loss weights."""
    return Plan(
        space_of("alpha3", "beta1"), apply(Config(), SMALL), Objective(("VIF",)), "tpe", "asha", 1, lambda *_: ()
    )


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
def test_where_it_runs_and_what_is_tested_at_its_end_do_not_matter(plan: Plan, changes: dict[str, Any]) -> None:
    other = replace(plan, base=apply(plan.base, changes))
    assert identity_of(other, 1) == identity_of(plan, 1)


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
def test_what_changes_the_values_matters(plan: Plan, key: str, changes: dict[str, Any]) -> None:
    here, there = identity_of(plan, 1), identity_of(replace(plan, base=apply(plan.base, changes)), 1)
    assert [name for name in here if here[name] != there[name]] == [key]


def test_space_objective_sampler_pruning_seed_and_seeds_matter(plan: Plan, space_of: SpaceOf) -> None:
    others = [
        identity_of(replace(plan, space=space_of("alpha3=1:33", "beta1")), 1),
        identity_of(replace(plan, objective=Objective(("SSIM",))), 1),
        identity_of(replace(plan, sampler="random"), 1),
        identity_of(replace(plan, pruning="none"), 1),
        identity_of(replace(plan, seed=2), 1),
        identity_of(plan, 2),
    ]
    folders = [default_folder(identity) for identity in (identity_of(plan, 1), *others)]
    assert len(set(folders)) == len(folders)


def test_another_code_is_another_search(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    before = identity_of(plan, 1)
    monkeypatch.setattr("smfnet.search.identity.code_fingerprint", lambda rooms: f"changed {rooms[0]}")
    assert identity_of(plan, 1)["code"] != before["code"]


def test_the_folder_is_named_by_the_parameters(plan: Plan, space_of: SpaceOf) -> None:
    assert default_folder(identity_of(plan, 1)).name.startswith("search-alpha3-beta1-")
    many = replace(plan, space=space_of("loss_weights"))
    assert default_folder(identity_of(many, 1)).name.startswith("search-alpha1-alpha2-and-7-more-")
