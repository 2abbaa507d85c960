"""The suites that ship: each asks one thing of every row, can be trained whole, and means what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

import assay
from assay.config.changes import apply
from assay.config.section import paths_of
from assay.experiment.suite import Suite, load_suite, suite_names
from smfnet.config.schema import compose
from smfnet.folders import ablations_folder

SUITES = [name for name in suite_names(ablations_folder()) if name != "table5"]
TINY = {
    "network": {"width": 8, "heads": 2},
    "train": {"epochs": 2, "stage1_epochs": 1, "batch": 2, "steps_per_epoch": 1, "device": "cpu"},
    "sched": {"step": 1},
    "data": {"patch": 16, "stride": 16, "val_pairs": 0},
    "data.scenes": {"train_pairs": 2, "test_pairs": 3, "height": 32, "width": 40},
}
# Terms without gradient are what the release has; the stretch belongs to the test step, and trains nothing.
ALARMED = {
    "paper_vs_release": {"constant_decomposition", "constant_semantic", "released"},
    "readings": {"not_stretched"},
}
RELEASED = "profile=released"


def _suite(name: str) -> Suite:
    return load_suite(name, ablations_folder())


def _changes(suite: Suite, row: str) -> dict[str, object]:
    return dict(next(variant for variant in suite.variants if variant.name == row).changes)


def test_they_are_those_that_the_pages_name(root: Path) -> None:
    page = (root / "docs" / "suites.md").read_text(encoding="utf-8")
    assert sorted(["losses", "paper_vs_release", "readings", "schedule"]) == SUITES
    for name in (*SUITES, "table5"):
        assert f"`{name}`" in page


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_begins_with_what_it_asks(name: str) -> None:
    first, *_ = (ablations_folder() / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert first.startswith("# ")
    assert "?" in first


@pytest.mark.parametrize("name", SUITES)
def test_every_row_changes_the_base_and_no_two_do_it_alike(name: str) -> None:
    base = compose([])
    suite = _suite(name)
    made = [paths_of(apply(base, variant.changes)) for variant in suite.variants]
    assert [variant.name for variant, values in zip(suite.variants, made, strict=True) if values == paths_of(base)] == [
        suite.base
    ]
    assert len({repr(sorted(values.items())) for values in made}) == len(made)


def test_the_row_of_the_release_is_the_profile_and_each_other_row_a_part_of_it() -> None:
    suite = _suite("paper_vs_release")
    whole = _changes(suite, "released")
    assert apply(compose([]), whole) == compose([RELEASED])
    parts = [_changes(suite, variant.name) for variant in suite.variants if variant.name not in ("released", "ours")]
    assert {path: value for part in parts for path, value in part.items()} == whole
    assert sum(map(len, parts)) == len(whole)


def test_every_weight_of_the_losses_is_taken_to_zero_once() -> None:
    on = {path: value for path, value in paths_of(compose([])).items() if path.startswith("loss.")}
    weights = {path for path, value in on.items() if path.rpartition(".")[2].startswith("w") and value > 0}
    suite = _suite("losses")
    assert sorted(path for variant in suite.variants for path in variant.changes) == sorted(weights)
    assert {value for variant in suite.variants for value in variant.changes.values()} == {0}


@pytest.mark.slow
@pytest.mark.parametrize("name", SUITES)
def test_a_suite_runs_from_end_to_end(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    changes = {f"{section}.{key}": value for section, values in TINY.items() for key, value in values.items()}
    run = assay.ablate("smfnet", name, seeds=1, output="run", progress=False, **changes)
    assert run.unfinished == []
    assert run.table().index.tolist() == [variant.name for variant in _suite(name).variants]
    assert run.table("n_seeds").drop(columns="title").to_numpy().min() == 1
    assert set(run.proof.alarms["row"]) == ALARMED.get(name, set())
