"""Effects and shares of a design's parts, from the values of its rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from assay.design.cells import add_one, drawn_orders, every, pairs, passed
from assay.design.design import Design, Part
from assay.design.effects import effects_of
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.correction import corrected
from assay.evidence.statistics.parts.contrasts import Contrasts, contrasts_of, mean_without_parts
from assay.evidence.statistics.parts.sums import sums_of
from assay.metric import Metric
from tests.synthetic_runs import measured_values

SEEDS, IMAGES = 5, 12
CELLS = {"factorial": every, "pairs": pairs, "add-one": add_one, "shapley": every}


def _design(kind: str, parts: int = 3, orders: tuple[tuple[int, ...], ...] = ()) -> Design:
    cells = passed(orders) if orders else CELLS[kind](parts)
    titles = ("graph", "skip", "residual", "edges", "tail", "gate")
    named = tuple(Part(f"no_{title}", title) for title in titles[:parts])
    return Design(kind, named, {f"row{n}": cell for n, cell in enumerate(cells)}, orders=orders)  # type: ignore[arg-type]


def _measured(design: Design, values: np.ndarray) -> Measurements:
    """Of an array (metrics, cells, seeds, images)."""
    measured = measured_values(values)
    return replace(measured, record=replace(measured.record, design=design))


def _noise(design: Design, metrics: int = 1, seeds: int = SEEDS) -> np.ndarray:
    rng = np.random.default_rng(3)
    cells = len(design.cells)
    return rng.normal(size=(metrics, cells, seeds, 1)) + rng.normal(size=(metrics, cells, seeds, IMAGES))


def _contrasts(measured: Measurements) -> Contrasts:
    found = contrasts_of(measured)
    assert found is not None
    return found


NUMBERS = ["estimate", "low", "high", "bound", "p", "p_adjusted"]


def test_rows_of_no_design_have_no_effects() -> None:
    assert contrasts_of(measured_values(np.zeros((1, 2, 3, 4)))) is None


@pytest.mark.parametrize("kind", CELLS)
def test_an_effect_is_the_weighted_sum_of_the_rows_means(kind: str) -> None:
    design = _design(kind)
    values = _noise(design, metrics=2)
    data = _contrasts(_measured(design, values)).data
    effects = effects_of(design)
    assert len(data) == 2 * len(effects)
    for place, metric in enumerate(("EN", "SD")):
        found = data.loc[data["metric"] == metric, "estimate"].to_numpy()
        np.testing.assert_allclose(found, [e.weights @ values[place].mean((1, 2)) for e in effects], atol=1e-12)


def test_the_interval_of_an_effect_is_a_paired_t_where_images_respond_alike() -> None:
    design = _design("factorial")
    rng = np.random.default_rng(5)
    values = rng.normal(size=(1, 8, SEEDS, 1)) + 1e-9 * rng.normal(size=(1, 8, SEEDS, IMAGES))
    data = _contrasts(_measured(design, values)).data
    for effect, line in zip(effects_of(design), data.itertuples(), strict=True):
        of_seeds = np.einsum("c,cs->s", effect.weights, values[0].mean(-1))
        found = stats.ttest_1samp(of_seeds, 0.0)
        interval = found.confidence_interval()
        assert (line.low, line.high) == pytest.approx((interval.low, interval.high), rel=1e-6)
        assert line.p == pytest.approx(found.pvalue, rel=1e-6)


@pytest.mark.parametrize("kind", CELLS)
def test_what_all_rows_have_under_a_seed_and_in_an_image_does_not_count(kind: str) -> None:
    design, rng = _design(kind), np.random.default_rng(1)
    values = _noise(design)
    shifted = values + 100 * rng.normal(size=(SEEDS, 1)) + 100 * rng.normal(size=IMAGES)
    one, other = (_contrasts(_measured(design, v)).data[NUMBERS].to_numpy(dtype=float) for v in (values, shifted))
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


def test_words_know_the_direction_and_are_corrected_over_effects_and_metrics() -> None:
    design = _design("factorial")
    values = 0.02 * _noise(design, metrics=2) + design.levels[:, 0][None, :, None, None]
    measured = _measured(design, values)
    metrics = (Metric("EN", "larger"), Metric("SD", "smaller"))
    data = _contrasts(replace(measured, record=replace(measured.record, metrics=metrics))).data
    words = data[data["effect"] == "graph"].set_index("metric")["verdict"].to_dict()
    assert words == {"EN": "better", "SD": "worse"}
    assert set(data.loc[data["effect"] != "graph", "verdict"]) == {"not resolved"}
    expected, _ = corrected(data["p"].to_numpy(), np.full(len(data), np.nan), SEEDS)
    np.testing.assert_allclose(data["p_adjusted"], expected)
    assert all(text.startswith("at most") for text in data.loc[data["effect"] != "graph", "reason"])


def test_an_interaction_is_to_the_better_if_two_do_better_than_their_sum() -> None:
    design = _design("pairs")
    values = 0.02 * _noise(design) + (design.levels[:, :2].prod(1))[None, :, None, None]
    data = _contrasts(_measured(design, values)).data.set_index("effect")
    assert data.loc["graph × skip", "verdict"] == "better"
    assert data.loc["graph × skip", "estimate"] == pytest.approx(1, abs=0.1)
    assert data.loc["graph × residual", "verdict"] == "not resolved"


@pytest.mark.parametrize(("seeds", "words"), [(1, False), (2, False), (4, False), (5, True)])
def test_few_seeds_have_no_words(seeds: int, words: bool) -> None:
    design = _design("factorial", parts=2)
    values = 1e-4 * _noise(design, seeds=seeds) + design.levels[:, 0][None, :, None, None]
    data = _contrasts(_measured(design, values)).data
    assert (data["verdict"] == "better").any() == words
    assert data["low"].notna().all() == (seeds > 1)
    if seeds == 4:
        assert all(reason.startswith("4 seeds are too few for a word; at most") for reason in data["reason"])


def _without(measured: Measurements, row: str, seed: int) -> Measurements:
    values = measured.values[(measured.values["row"] != row) | (measured.values["seed"] != seed)]
    return replace(measured, values=values)


def test_an_effect_is_taken_over_the_seeds_that_all_of_its_rows_have() -> None:
    design = _design("pairs")
    last = design.rows[-1]  # two parts out, which only their interaction needs
    contrasts = _contrasts(_without(_measured(design, _noise(design)), last, 2))
    seeds = contrasts.data.set_index("effect")["n_seeds"].to_dict()
    assert seeds.pop("skip × residual") == SEEDS - 1
    assert set(seeds.values()) == {SEEDS}
    assert any(f"here {SEEDS - 1} to {SEEDS} of {SEEDS}: {last} lack some" in note for note in contrasts.notes)


def test_shares_add_up_even_where_seeds_are_missing() -> None:
    design = _design("shapley", parts=4)
    measured = _without(_without(_measured(design, _noise(design, metrics=2)), "row3", 1), "row7", 4)
    contrasts = _contrasts(measured)
    assert set(contrasts.data["n_seeds"]) == {SEEDS - 2}
    for metric in ("EN", "SD"):
        whole = contrasts.of("whole", metric)["estimate"].item()
        assert contrasts.of("part", metric)["estimate"].sum() == pytest.approx(whole, abs=1e-12)
        base = measured.cube("row0", metric).loc[[0, 2, 3]].to_numpy().mean()
        assert mean_without_parts(design, metric, measured) + whole == pytest.approx(base, abs=1e-12)
    first, _ = sums_of(contrasts, measured)
    assert first.startswith("EN: ")
    assert first.endswith(", row0.")


def test_without_a_seed_that_all_rows_have_nothing_is_told() -> None:
    design = _design("factorial", parts=2)
    measured = _measured(design, _noise(design, seeds=2))
    contrasts = _contrasts(_without(_without(measured, "row1", 0), "row2", 1))
    assert contrasts.data["estimate"].isna().all()
    assert set(contrasts.data["n_seeds"]) == {0}
    assert set(contrasts.data["verdict"]) == {"not resolved"}


def test_a_metric_with_one_value_a_training_is_judged_over_seeds_alone() -> None:
    design = _design("factorial", parts=2)
    values = np.random.default_rng(0).normal(size=(1, 4, SEEDS, 1))
    measured = _measured(design, values)
    whole = replace(measured, values=measured.values.assign(image=""), images=())
    line = _contrasts(whole).data.iloc[0]
    of_seeds = np.einsum("c,cs->s", effects_of(design)[0].weights, values[0, :, :, 0])
    assert line["p"] == pytest.approx(stats.ttest_1samp(of_seeds, 0.0).pvalue, rel=1e-9)
    assert line["n_images"] == 1


def test_images_of_unequal_weight_widen_the_intervals_of_effects_and_few_give_no_word() -> None:
    design = _design("factorial", parts=2)
    plain = _measured(design, _noise(design) + np.random.default_rng(8).normal(size=(1, 4, 1, IMAGES)))

    def data(worth: float) -> pd.DataFrame:
        (metric,) = plain.record.columns
        metrics = (Metric(metric, effective_samples=worth),)
        return _contrasts(replace(plain, record=replace(plain.record, metrics=metrics))).data

    many, few, fewest = (data(worth) for worth in (IMAGES, 3.5, 2.5))
    np.testing.assert_allclose(many["low"], _contrasts(plain).data["low"])
    assert ((few["high"] - few["low"]) > 1.05 * (many["high"] - many["low"])).all()
    assert fewest["p"].isna().all()


def test_a_row_whose_values_cannot_be_right_leaves_its_effects_without_words() -> None:
    design = _design("pairs")
    values = _noise(design)
    values[:, -1] = values[:, 0]  # the same as the base: its changes change nothing
    data = _contrasts(_measured(design, values)).data.set_index("effect")
    assert data.loc["skip × residual", "verdict"] == ""
    assert "its change changed nothing" in data.loc["skip × residual", "reason"]
    assert np.isnan(data.loc["skip × residual", "low"])
    assert (data["verdict"] == "").sum() == 1


def test_orders_that_were_drawn_widen_the_intervals_by_what_others_would_have_given() -> None:
    orders = drawn_orders(4, 10)
    design = _design("shapley", parts=4, orders=orders)
    worth = design.levels.prod(1) - design.levels[:, 0] * design.levels[:, 1]  # what a part adds depends on the others
    values = 1e-6 * _noise(design) + worth[None, :, None, None]
    data = _contrasts(_measured(design, values)).data
    means = dict(zip(design.cells.values(), worth, strict=True))
    by_pair = np.array([_gains(orders[place : place + 2], means) for place in range(0, 10, 2)])
    half = stats.t.ppf(0.975, 4) * by_pair.std(0, ddof=1) / np.sqrt(5)
    shares = data[data["sort"] == "part"]
    np.testing.assert_allclose(shares["estimate"], by_pair.mean(0), atol=1e-5)
    np.testing.assert_allclose(shares["high"] - shares["estimate"], half, atol=1e-5)
    whole = data[data["sort"] == "whole"].iloc[0]
    assert whole["high"] - whole["low"] < 1e-5


def _gains(orders: tuple[tuple[int, ...], ...], means: dict[tuple[int, ...], float]) -> list[float]:
    """What each part adds, the mean over some orders."""
    gains = np.zeros((len(orders), len(orders[0])))
    for line, order in zip(gains, orders, strict=True):
        there: list[int] = [0] * len(order)
        for part in order:
            before = means[tuple(there)]
            there[part] = 1
            line[part] = means[tuple(there)] - before
    return list(gains.mean(0))


def test_notes_say_what_a_fraction_cannot_tell() -> None:
    cells = [cell for cell in every(4) if sum(cell) % 2 == 0]
    design = Design(
        "factorial", _design("factorial", 4).parts, {f"row{n}": cell for n, cell in enumerate(cells)}, ("D = ABC",)
    )
    notes = " ".join(_contrasts(_measured(design, _noise(design))).notes)
    assert "8 of the 16 combinations of 4 parts, D = ABC; resolution IV" in notes
    assert "Not told apart: AB = CD, AC = BD, AD = BC." in notes
    assert "Holm's method over 7 effects" in notes


def test_the_lines_are_plain_data() -> None:
    design = _design("factorial")
    data = _contrasts(_measured(design, _noise(design))).data
    assert isinstance(data, pd.DataFrame)
    assert data.loc[3, "parts"] == (0, 1)
