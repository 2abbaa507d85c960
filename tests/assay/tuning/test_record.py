"""What a search leaves for people and for the evidence, and how important its parameters are."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
import yaml

from assay.metric import Metric
from assay.tuning.importance import importances
from assay.tuning.record import best_trials, write_best, write_tables
from assay.tuning.spaces.space import Space
from smfnet.config.schema import compose

SpaceOf = Callable[..., Space]
Desk = Any  # see conftest.py


def test_the_tables_hold_every_trial_and_every_value(desk: Desk, tmp_path: Path) -> None:
    def fails(row: str, epoch: int) -> str | None:
        return "no luck" if row == "trial3" else None

    search = desk.search(samples=12)
    desk.worker(search, fails=fails).work()
    write_tables(tmp_path, search.study, search.settings.space, (Metric("VIF"),))
    table, values = pd.read_csv(tmp_path / "trials.csv"), pd.read_csv(tmp_path / "values.csv")
    states = {"COMPLETE": "finished", "PRUNED": "stopped", "FAIL": "failed"}
    for trial, (_, line) in zip(search.study.trials, table.iterrows(), strict=True):
        assert line["trial"] == trial.number
        assert line["state"] == states[trial.state.name]
        assert (line["alpha3"], line["beta1"]) == (trial.params["alpha3"], trial.params["beta1"])
        told = values[values["trial"] == trial.number].set_index("step")["value"]
        assert told.to_dict() == trial.intermediate_values
        if line["state"] == "finished":
            assert line["VIF"] == trial.value
            assert line["val_EN"] == 7.0
        else:
            assert np.isnan(line["VIF"])
            assert line["reason"] == trial.user_attrs["reason"]


def test_a_study_without_a_trial_gives_tables_too(desk: Desk, tmp_path: Path) -> None:
    search = desk.search()
    write_tables(tmp_path, search.study, search.settings.space, (Metric("VIF"),))
    assert list(pd.read_csv(tmp_path / "trials.csv")["state"]) == ["waiting"]
    assert pd.read_csv(tmp_path / "importance.csv").empty


def test_the_best_configuration_can_be_the_base_of_another_command(desk: Desk, tmp_path: Path) -> None:
    search = desk.search("alpha3", "graph_branch", samples=6, pruning="none")
    desk.worker(search).work()
    best = best_trials(search.study, search.settings.space)[0]
    write_best(
        tmp_path,
        best,
        search.settings.space,
        ("VIF",),
        (
            "not confirmed: no fresh seeds",
            "  python -m platform.search",
            f"  ablate --all base={tmp_path / 'best.yaml'}",
        ),
        {"seed": 2031, "graph.reasoning.dilations": [1, 2, 3]},
    )
    config = compose(["preset=paper"], base=tmp_path / "best.yaml")
    assert config.loss.stage1.w_ssim == best.params["alpha3"]
    assert config.graph.enabled == (best.params["graph_branch"] != "none")
    text = (tmp_path / "best.yaml").read_text()
    assert text.startswith(f"# not confirmed: no fresh seeds\n# Trial {best.number}, the best that")
    assert f"base={tmp_path / 'best.yaml'}" in text
    assert config.seed == 2031
    assert config.graph.reasoning.dilations == (1, 2, 3)
    kept = {"seed": 2031, "graph.reasoning.dilations": [1, 2, 3]}
    assert yaml.safe_load(io.StringIO(text)) == kept | search.settings.space.changes(best.params)


def _studied(count: int, seed: int = 0) -> optuna.Study:
    """a decides, b hardly matters."""
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=seed))
    study.optimize(lambda t: -abs(t.suggest_float("a", 0, 1) - 0.5) - 0.01 * t.suggest_float("b", 0, 1), count)
    return study


def test_what_decides_is_important() -> None:
    found = importances(_studied(40), (Metric("VIF"),), ("a", "b"))
    assert [each.parameter for each in found] == ["a", "b"]
    assert found[0].importance > 0.7
    assert sum(each.importance for each in found) == pytest.approx(1)
    assert {(each.step, each.trials) for each in found} == {(None, 40)}


def test_what_decides_stands_out_from_shuffled_values_and_what_does_not_does_not() -> None:
    found = importances(_studied(40), (Metric("VIF"),), ("a", "b"))
    assert [each.p < 0.05 for each in found] == [True, False]
    assert found[0].importance > found[0].chance_high > found[0].chance
    assert found == importances(_studied(40), (Metric("VIF"),), ("a", "b"))  # shuffles are seeded


def test_of_noise_a_parameter_has_a_large_share_and_seldom_stands_out() -> None:
    """Twenty searches of two parameters and noise; three would be too many of 0.05 (binomial, 0.075)."""
    found = []
    for seed in range(20):
        noise = np.random.default_rng(seed)
        study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=seed))
        study.optimize(
            lambda t, rng=noise: rng.normal() + 0 * (t.suggest_float("a", 0, 1) + t.suggest_float("b", 0, 1)), 20
        )
        found.append(importances(study, (Metric("VIF"),), ("a", "b"))[0])
    assert np.median([each.importance for each in found]) > 0.6
    assert sum(each.p < 0.05 for each in found) <= 3


def test_from_a_few_trials_nothing_is_said() -> None:
    assert importances(_studied(19), (Metric("VIF"),), ("a", "b")) == []


def test_where_most_were_stopped_their_values_on_the_way_are_taken(desk: Desk) -> None:
    search = desk.search(samples=24)
    desk.worker(search).work()
    finished = [trial for trial in search.study.trials if trial.state.name == "COMPLETE"]
    assert len(finished) < 20
    found = importances(search.study, (Metric("VIF"),), ("alpha3", "beta1"))
    assert {(each.step, each.trials) for each in found} == {(2, 24)}


def test_every_objective_has_its_own_importance() -> None:
    study = optuna.create_study(directions=["maximize"] * 2, sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(lambda t: (t.suggest_float("a", 0, 1), t.suggest_float("b", 0, 1)), 30)
    found = importances(study, (Metric("VIF"), Metric("SSIM")), ("a", "b"))
    first = {each.objective: each.parameter for each in reversed(found)}
    assert first == {"VIF": "a", "SSIM": "b"}


def test_a_value_outside_its_range_is_left_out(space_of: SpaceOf) -> None:
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    study.enqueue_trial({"a": 8.0})
    with pytest.warns(UserWarning, match="out of range"):
        study.optimize(lambda t: t.suggest_float("a", 0, 1), 21)
    assert {each.trials for each in importances(study, (Metric("VIF"),), ("a",))} == {20}
