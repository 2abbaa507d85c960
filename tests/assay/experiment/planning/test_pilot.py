"""What a preset's trainings varied by stands in for those that a storage has not seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.experiment.planning.pilot import pilot_of
from smfnet.config.schema import compose
from smfnet.study import SMFNetStudy, study

CHOICES = {"preset": "quick", "profile": "paper", "data": "generated"}
START = Path(__file__).parents[4] / "docs" / "start.md"


def test_the_pilot_that_is_shipped_has_the_means_and_spreads_of_the_table_on_the_first_page() -> None:
    pilot = pilot_of(study(), CHOICES)
    assert pilot is not None
    assert pilot.trained == 64
    means = pilot.values.groupby(["row", "seed", "metric"])["value"].mean().groupby(["row", "metric"])
    told = next(line for line in START.read_text(encoding="utf-8").splitlines() if line.startswith("| Ours |"))
    for metric in ("EN", "SD", "VIF", "SSIM"):
        mean, spread = means.mean()["ours", metric], means.std()["ours", metric]
        assert f" {mean:.4f} ± {spread:.4f} " in told


@pytest.mark.parametrize("choices", [{}, {"preset": "standard"}, {"preset": "../quick"}, {"preset": "quick.parquet"}])
def test_a_preset_without_one_has_none(choices: dict[str, str]) -> None:
    assert pilot_of(study(), choices) is None


def test_a_study_without_pilots_has_none() -> None:
    class Without(SMFNetStudy):
        pilots = None  # type: ignore[assignment]

    assert pilot_of(Without(), CHOICES) is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ()),
        ({"seeds": 30, "seed": 7, "storage": "elsewhere", "train.device": "cuda", "cluster.cpus": 2}, ()),
        ({"train.epochs": 25}, ("train.epochs",)),
        ({"data.limit_test": 12}, ("data.limit_test",)),
    ],
)
def test_it_holds_for_the_preset_as_it_is(changes: dict[str, object], told: tuple[str, ...]) -> None:
    pilot = pilot_of(study(), CHOICES)
    assert pilot is not None
    assert pilot.changed(study(), apply(compose(["preset=quick"]), changes)) == told


def test_other_data_are_another_thing() -> None:
    pilot = pilot_of(study(), CHOICES)
    assert pilot is not None
    assert any(path.startswith("data.") for path in pilot.changed(study(), compose(["preset=quick", "data=tno"])))


def test_a_pilot_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "quick.parquet").write_bytes(b"nothing")

    class Broken(SMFNetStudy):
        pilots = tmp_path

    with pytest.raises(UserError, match=r"quick\.parquet is no pilot"):
        pilot_of(Broken(), CHOICES)


def test_values_are_those_of_trained_rows_alone() -> None:
    pilot = pilot_of(study(), CHOICES)
    assert pilot is not None
    counts = pilot.values.groupby("row")["seed"].nunique()
    assert set(counts) == {8}
