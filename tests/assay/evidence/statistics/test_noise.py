"""How far the base lies from itself under other seeds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from assay.evidence.measurements import Measurements, measurements
from assay.evidence.published import published_table
from assay.evidence.statistics.noise import noise_floor
from assay.evidence.tables.table import table_of
from assay.store.run.folder import RunFolder
from smfnet.folders import published_folder

MakeRun = Callable[..., RunFolder]
MeasuredFrom = Callable[[np.ndarray], Measurements]


def test_nineteen_of_twenty_repetitions_of_the_base_lie_within_it(measured_from: MeasuredFrom) -> None:
    rng = np.random.default_rng(1)
    images = rng.normal(size=10)

    def trainings(rows: int) -> np.ndarray:
        return images + 0.5 * rng.normal(size=(1, rows, 3, 1)) + 0.2 * rng.normal(size=(1, rows, 3, 10))

    within = []
    for _ in range(120):
        floor = noise_floor(measured_from(trainings(6)))["half_width"].item()
        again = trainings(2).mean((-1, -2)).ravel()
        within.append(abs(again[0] - again[1]) < floor)
    assert 0.94 - 3 * np.sqrt(0.05 * 0.95 / 120) < np.mean(within)


def test_the_images_that_all_rows_share_are_no_noise(measured_from: MeasuredFrom) -> None:
    values = np.random.default_rng(2).normal(size=(1, 3, 4, 8))
    one = noise_floor(measured_from(values))
    other = noise_floor(measured_from(values + 100 * np.arange(8)))
    np.testing.assert_allclose(one["half_width"], other["half_width"])


@pytest.mark.parametrize("seeds", [4, 5])
def test_with_enough_seeds_it_is_the_bases_own_trainings_alone(seeds: int, measured_from: MeasuredFrom) -> None:
    values = np.random.default_rng(3).normal(size=(2, 4, seeds, 6))
    other = np.concatenate([values[:, :1], 2 * values[:, 1:]], axis=1)
    floor, restless = noise_floor(measured_from(values)), noise_floor(measured_from(other))
    alone = (floor["trainings"] == "the base").to_numpy()
    assert alone.all() if seeds == 5 else not alone.all()
    assert (floor["half_width"].tolist() == restless["half_width"].tolist()) == (seeds == 5)
    own = values[:, 0].mean(-1).std(axis=1, ddof=1)
    expected = stats.t.isf(0.025, seeds - 1) * own * np.sqrt(2 / seeds)
    np.testing.assert_allclose(floor["half_width"][alone], expected[alone])
    assert (floor["df"][~alone] > seeds - 1).all()


def test_whose_trainings_it_is_from_is_told_of_each_metric(measured_from: MeasuredFrom) -> None:
    values = np.random.default_rng(3).normal(size=(2, 4, 3, 6))
    values[0, 0] *= 5
    values[1, 1:] *= 3
    measured = measured_from(values)
    restless, calm = measured.record.columns
    assert noise_floor(measured).set_index("metric")["trainings"].to_dict() == {restless: "the base", calm: "all rows"}
    (told,) = (note for note in table_of(measured).notes if note.startswith("Noise floor"))
    assert f"from the trainings of all rows, as {measured.base_title} has fewer than 5; in {restless} of" in told


def test_it_is_pooled_but_never_less_than_what_the_base_itself_shows(measured_from: MeasuredFrom) -> None:
    one = 1e-3 * np.array([[1, -1, 0, 0], [0, 1, -1, 0], [0, 0, 1, -1.0]])  # different seeds of equal means
    values = np.stack([one, 2 * one, 3 * one])[None]
    values[:, 0] += np.array([-1.0, 0.0, 1.0])[:, None]
    assert noise_floor(measured_from(values))["seed_sd"].item() == pytest.approx(1)
    assert noise_floor(measured_from(values[:, ::-1]))["seed_sd"].item() == pytest.approx(np.sqrt(1 / 3))


def test_the_span_of_the_rows_stands_beside_it(make_run: MakeRun) -> None:
    floor = noise_floor(measurements(make_run())).set_index("metric")
    printed = published_table("table5", published_folder()).data
    assert floor.loc["SD", "published_span"] == pytest.approx(printed["SD"].max() - printed["SD"].min())
    assert floor.loc["SD", "span"] > 0
    assert (floor["n_seeds"] == 3).all()


@pytest.mark.parametrize("fields", [{"seeds": 1}, {"pending": ["ours"]}, {"rows": ["no_graph"]}])
def test_without_two_seeds_of_the_base_it_is_unknown(make_run: MakeRun, fields: dict[str, object]) -> None:
    floor = noise_floor(measurements(make_run(**fields)))
    assert floor[["seed_sd", "half_width"]].isna().all(axis=None)
    assert list(floor["metric"]) == ["EN", "SD", "VIF", "SSIM"]


def test_two_seeds_of_the_base_alone_are_enough(make_run: MakeRun) -> None:
    floor = noise_floor(measurements(make_run(rows=["ours"], seeds=2)))
    assert floor["half_width"].notna().all()
    assert (floor["df"] == 1).all()
