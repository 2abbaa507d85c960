"""What the words say, and what they do not say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from assay.evidence.measurements import Measurements, measurements
from assay.evidence.statistics.correction import corrected
from assay.evidence.statistics.verdict import Verdicts, verdicts_of
from assay.metric import Metric
from assay.store.run.folder import RunFolder
from assay.store.run.recorder import Recorder
from tests.synthetic_runs import measured_values

MakeRun = Callable[..., RunFolder]
MeasuredFrom = Callable[[np.ndarray], Measurements]


def _line(verdicts: Verdicts, row: str, metric: str) -> pd.Series:
    line = verdicts.cell(row, metric)
    assert line is not None
    return line


def test_a_row_that_is_worse_is_called_worse_and_the_others_are_not_resolved(make_run: MakeRun) -> None:
    data = verdicts_of(measurements(make_run(images=30))).data
    words = data.groupby("row")["verdict"].unique().map(list)
    assert words.pop("no_graph") == ["worse"]
    assert all(word == ["not resolved"] for word in words)


def test_larger_is_better(make_run: MakeRun) -> None:
    data = verdicts_of(measurements(make_run(images=30, effects={"no_graph": 0.9}))).data
    assert set(data.loc[data["row"] == "no_graph", "verdict"]) == {"better"}


def test_there_is_a_line_for_every_row_but_the_base_in_table_order(whole_run: RunFolder) -> None:
    measured = measurements(whole_run)
    data = verdicts_of(measured).data
    expected = [(r.name, metric) for r in measured.trained if r.name != "ours" for metric in measured.record.columns]
    assert list(zip(data["row"], data["metric"], strict=True)) == expected
    assert verdicts_of(measured).cell("ours", "EN") is None


def test_the_difference_is_paired_over_seeds_and_images(make_run: MakeRun) -> None:
    run = make_run(seeds=4, images=7)
    wide = run.results().query("metric == 'SD'").pivot(index=["seed", "image"], columns="row", values="value")
    line = _line(verdicts_of(measurements(run)), "one_stage", "SD")
    assert line["difference"] == pytest.approx((wide["one_stage"] - wide["ours"]).dropna().mean(), rel=1e-10)
    assert (line["n_seeds"], line["n_images"]) == (4, 7)
    assert line["low"] < line["difference"] < line["high"]


def test_what_all_rows_have_in_an_image_does_not_count(measured_from: MeasuredFrom) -> None:
    """Pairing: the large spread between images that every row shares leaves every number as it is."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(1, 3, 4, 20))
    shifted = values + 1000 * rng.normal(size=20)
    numbers = ["difference", "low", "high", "bound", "p", "effect"]
    one, other = (verdicts_of(measured_from(v)).data[numbers].to_numpy(dtype=float) for v in (values, shifted))
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


def test_units_do_not_change_a_verdict(measured_from: MeasuredFrom) -> None:
    values = np.random.default_rng(2).normal(size=(1, 4, 3, 12))
    one, other = verdicts_of(measured_from(values)).data, verdicts_of(measured_from(1e-3 * values)).data
    np.testing.assert_allclose(other["high"], 1e-3 * one["high"])
    np.testing.assert_allclose(other[["p_adjusted", "effect"]], one[["p_adjusted", "effect"]])


def test_p_values_are_corrected_over_the_whole_table(whole_run: RunFolder) -> None:
    data = verdicts_of(measurements(whole_run)).data
    adjusted, _ = corrected(data["p"].to_numpy(), data["p_equal"].to_numpy(), 3)
    np.testing.assert_allclose(data["p_adjusted"], adjusted)
    assert ((data["p_adjusted"] < 0.05) == (data["verdict"] != "not resolved")).all()


def test_the_effect_is_standardised_by_all_sources_of_variance(measured_from: MeasuredFrom) -> None:
    rng = np.random.default_rng(3)
    seeds, images = rng.normal(size=(200, 1)), 2 * rng.normal(size=(1, 200))
    row = 1.5 + seeds + images + 0.5 * rng.normal(size=(200, 200))
    data = verdicts_of(measured_from(np.stack([1e-6 * rng.normal(size=(200, 200)), row])[None])).data
    assert data["effect"].item() == pytest.approx(1.5 / np.sqrt(1 + 4 + 0.25), rel=0.15)


def test_with_one_seed_nothing_is_resolved_however_large(make_run: MakeRun) -> None:
    verdicts = verdicts_of(measurements(make_run(seeds=1, images=50, effects={"no_graph": -50.0})))
    assert set(verdicts.data["verdict"]) == {"not resolved"}
    assert set(verdicts.data["reason"]) == {"one seed: the noise between trainings is unknown"}
    assert verdicts.data[["low", "high", "bound", "p", "p_adjusted"]].isna().all(axis=None)
    assert verdicts.data["difference"].notna().all()
    assert any("one seed" in note for note in verdicts.notes)


def test_a_row_of_which_one_seed_is_left_is_not_resolved_while_others_are(make_run: MakeRun) -> None:
    run = make_run(images=30)
    for seed in (1, 2):
        Recorder(run, run.record).change(f"one_stage-seed{seed}", status="failed", reason="out of memory")
    verdicts = verdicts_of(measurements(run))
    assert _line(verdicts, "one_stage", "EN")["reason"].startswith("one seed")
    assert _line(verdicts, "no_graph", "EN")["verdict"] == "worse"
    assert any("(w/o two stage training)" in note for note in verdicts.notes)


def test_rows_are_paired_over_the_seeds_that_both_have(make_run: MakeRun) -> None:
    run = make_run(seeds=5)
    for name in ("ours-seed0", "no_graph-seed4"):
        Recorder(run, run.record).change(name, status="failed")
    verdicts = verdicts_of(measurements(run))
    assert _line(verdicts, "no_graph", "EN")["n_seeds"] == 3
    assert _line(verdicts, "one_stage", "EN")["n_seeds"] == 4


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"pending": ["ours"]}, "no finished seed in common with the base"),
        ({"rows": ["no_graph"]}, "no finished seed in common with the base"),
        ({"images": 2}, "2 image(s): the noise between images is unknown"),
        ({"failed": ["no_graph", "ours"], "seeds": 1}, "no finished seed in common with the base"),
    ],
)
def test_without_what_a_verdict_needs_it_says_what_is_missing(
    make_run: MakeRun, fields: dict[str, object], reason: str
) -> None:
    verdicts = verdicts_of(measurements(make_run(**fields)))
    line = _line(verdicts, "no_graph", "VIF")
    assert (line["verdict"], line["reason"]) == ("not resolved", reason)
    assert np.isnan(line["p"])


@pytest.mark.parametrize("fields", [{"rows": ["ours"]}, {"pending": ["ours"], "rows": ["ours"], "baselines": False}])
def test_a_run_of_the_base_alone_has_no_lines(make_run: MakeRun, fields: dict[str, object]) -> None:
    assert verdicts_of(measurements(make_run(**fields))).data.empty


def test_a_run_without_the_base_says_so(make_run: MakeRun) -> None:
    notes = verdicts_of(measurements(make_run(rows=["no_graph"]))).notes
    assert notes == ("ours has no finished seed: no difference to it can be told.",)


def test_a_row_that_equals_the_base_gets_no_word(measured_from: MeasuredFrom) -> None:
    values = np.random.default_rng(4).normal(size=(1, 3, 3, 10))
    values[:, 1] = values[:, 0]
    verdicts = verdicts_of(measured_from(values))
    line = _line(verdicts, "row1", "EN")
    assert (line["verdict"], np.isnan(line["p"]), np.isnan(line["low"])) == ("", True, True)
    assert "its change changed nothing" in line["reason"]
    assert any(note.startswith("Alarm: ") for note in verdicts.notes)


def test_equal_seeds_get_no_word_and_lend_no_calm_to_other_rows(measured_from: MeasuredFrom) -> None:
    values = np.random.default_rng(4).normal(size=(1, 3, 3, 10))
    alone = _line(verdicts_of(measured_from(values[:, :2])), "row1", "EN")
    values[:, 2] = 100 + values[:, 2, :1]
    verdicts = verdicts_of(measured_from(values))
    assert _line(verdicts, "row2", "EN")["verdict"] == ""
    assert _line(verdicts, "row1", "EN")["high"] == pytest.approx(alone["high"])


def test_a_row_without_a_word_does_not_choose_the_correction(measured_from: MeasuredFrom) -> None:
    """Its fourth seed would allow Holm's steps, which three seeds of the others do not."""
    values = np.random.default_rng(4).normal(size=(1, 4, 4, 10))
    values[:, 3] = 100 + values[:, 3, :1]
    measured = measured_from(values)
    table = measured.values
    three = replace(measured, values=table[~(table["row"].isin(["row1", "row2"]) & (table["seed"] == 3))])
    for each, how in ((measured, "Holm's"), (three, "Bonferroni's")):
        assert any(f"by {how} method over 2 comparisons" in note for note in verdicts_of(each).notes)
    data = verdicts_of(three).data
    np.testing.assert_allclose(data["p_adjusted"][:2], np.minimum(2 * data["p"][:2], 1))


def test_a_base_that_does_not_heed_its_seed_leaves_every_row_without_a_word(measured_from: MeasuredFrom) -> None:
    values = np.random.default_rng(4).normal(size=(1, 3, 3, 10))
    values[:, 0] = values[:, 0, :1]
    assert set(verdicts_of(measured_from(values)).data["verdict"]) == {""}


def test_a_restless_row_does_not_borrow_the_calm_of_the_others(measured_from: MeasuredFrom) -> None:
    rng = np.random.default_rng(5)
    values = 0.01 * rng.normal(size=(1, 6, 3, 20))
    values[:, 1] += np.array([-1.0, 1.0, 0.4])[:, None]
    data = verdicts_of(measured_from(values)).data
    widths = data["high"] - data["low"]
    assert widths[0] > 2 * widths[1:].max()


@pytest.mark.parametrize(("seeds", "few"), [(2, "2 seeds are too few for a word; "), (5, "")])
def test_an_open_line_says_how_large_the_difference_may_be(seeds: int, few: str, measured_from: MeasuredFrom) -> None:
    values = np.random.default_rng(7).normal(size=(1, 3, seeds, 15))
    line = _line(verdicts_of(measured_from(values)), "row1", "EN")
    assert line["bound"] > max(abs(line["difference"]), 0.5 * (line["high"] - line["low"]) / 2)
    assert line["reason"] == f"{few}at most {np.ceil(line['bound'] * 1e4) / 1e4:.4f} either way"
    assert line["verdict"] == "not resolved"


def test_the_bound_is_the_farther_end_of_the_90_percent_interval(whole_run: RunFolder) -> None:
    data = verdicts_of(measurements(whole_run), level=0.9).data
    np.testing.assert_allclose(data["bound"], data[["low", "high"]].abs().max(axis=1))


def test_a_resolved_line_needs_no_reason(make_run: MakeRun) -> None:
    assert _line(verdicts_of(measurements(make_run(images=30))), "no_graph", "EN")["reason"] == ""


def _with_margins(measured: Measurements, **margins: float) -> Measurements:
    metrics = tuple(Metric(name, margin=margins.get(name)) for name in measured.record.columns)
    return replace(measured, record=replace(measured.record, metrics=metrics))


def _three_rows(measured_from: MeasuredFrom) -> Measurements:
    """Two metrics; one row as the base, one a little better, one much worse."""
    values = 0.01 * np.random.default_rng(8).normal(size=(2, 4, 6, 20))
    values += np.array([0.0, 0.0, 0.2, -3.0])[:, None, None]
    return measured_from(values)


def test_with_a_margin_there_is_a_fourth_word(measured_from: MeasuredFrom) -> None:
    measured = _with_margins(_three_rows(measured_from), EN=0.5)
    verdicts = verdicts_of(measured)
    words = verdicts.data.pivot(index="row", columns="metric", values="verdict")
    assert words["EN"].tolist() == ["equivalent", "equivalent", "worse"]
    assert words["SD"].tolist() == ["not resolved", "better", "worse"]  # the margin is the other metric's
    assert _line(verdicts, "row1", "EN")["reason"] == "by less than 0.5"
    assert _line(verdicts, "row2", "EN")["reason"] == "better, by less than 0.5"
    assert "Equivalent: no difference larger than the margin, EN 0.5; SD without a margin." in verdicts.notes


def test_a_margin_that_the_difference_may_exceed_changes_nothing_for_the_reader(measured_from: MeasuredFrom) -> None:
    narrow = verdicts_of(_with_margins(_three_rows(measured_from), EN=1e-4, SD=1e-4)).data
    none = verdicts_of(_three_rows(measured_from)).data
    assert narrow["verdict"].tolist() == none["verdict"].tolist()
    assert (narrow["p_adjusted"] >= none["p_adjusted"]).all()


def test_without_any_margin_nothing_is_called_equivalent_and_that_is_said(measured_from: MeasuredFrom) -> None:
    verdicts = verdicts_of(_three_rows(measured_from))
    assert "equivalent" not in set(verdicts.data["verdict"])
    assert verdicts.data[["margin", "p_equal", "p_equal_adjusted"]].isna().all(axis=None)
    assert "No metric has a margin: nothing is called equivalent." in verdicts.notes


def test_no_bound_is_told_of_differences_that_are_one_number(measured_from: MeasuredFrom) -> None:
    def told(values: np.ndarray) -> list[str]:
        notes = verdicts_of(measured_from(values)).notes
        return [note.partition("either way: ")[2] for note in notes if note.startswith("An open cell")]

    values = np.random.default_rng(8).normal(size=(2, 3, 3, 20))
    values[1] = 0.1
    (line,) = told(values)
    assert "EN" in line
    assert "SD" not in line
    values[1, 2, 0, 0] += 0.01  # of one picture
    (line,) = told(values)
    assert "SD 0." in line


@pytest.mark.parametrize(
    ("seeds", "margins", "how"),
    [
        (2, {}, None),
        (3, {}, "by Bonferroni's method over 6 comparisons:"),
        (3, {"EN": 0.5}, "by Bonferroni's method over 6 comparisons, for difference and equivalence together:"),
        (4, {}, "by Holm's method over 6 comparisons:"),
        (4, {"EN": 0.5}, "step by step over 6 comparisons, for difference and equivalence together:"),
    ],
)
def test_the_notes_say_how_it_was_corrected(
    seeds: int, margins: dict[str, float], how: str | None, measured_from: MeasuredFrom
) -> None:
    measured = measured_from(np.random.default_rng(8).normal(size=(2, 4, seeds, 20)))
    notes = [note for note in verdicts_of(_with_margins(measured, **margins)).notes if "corrected" in note]
    assert [note.startswith(f"Verdicts are corrected {how}") for note in notes] == [True] * (how is not None)


def test_training_free_rows_are_compared_apart(make_run: MakeRun) -> None:
    quiet = verdicts_of(measurements(make_run(images=30)))
    loud = verdicts_of(measurements(make_run(images=30, effects={"no_graph": -2.0, "max": 5.0})))
    assert set(loud.baselines.loc[loud.baselines["row"] == "max", "verdict"]) == {"better"}
    assert set(quiet.baselines["verdict"]) == {"not resolved"}
    pd.testing.assert_frame_equal(quiet.data, loud.data)
    assert _line(loud, "max", "EN")["verdict"] == "better"


def test_a_higher_level_gives_wider_intervals_and_the_same_words(whole_run: RunFolder) -> None:
    measured = measurements(whole_run)
    usual, wide = verdicts_of(measured).data, verdicts_of(measured, level=0.99).data
    assert (wide["high"] > usual["high"]).all()
    assert (wide["verdict"] == usual["verdict"]).all()


def _one_value_a_training(values: np.ndarray) -> Measurements:
    """Metrics x rows x seeds, without samples."""
    measured = measured_values(values[..., None])
    return replace(measured, values=measured.values.assign(image=""), images=())


def test_one_value_a_training_is_judged_by_the_paired_t_test_over_seeds() -> None:
    values = np.random.default_rng(11).normal(size=(1, 2, 6)) + np.array([0.0, 1.0])[:, None]
    verdicts = verdicts_of(_one_value_a_training(values))
    line, difference = _line(verdicts, "row1", "EN"), values[0, 1] - values[0, 0]
    reference = stats.ttest_rel(values[0, 1], values[0, 0])
    interval = reference.confidence_interval(0.95)
    assert line["p"] == pytest.approx(reference.pvalue, rel=1e-6)
    assert (line["low"], line["high"]) == pytest.approx((interval.low, interval.high))
    assert line["effect"] == pytest.approx(difference.mean() / difference.std(ddof=1))
    assert "One value per training: judged over 6 seeds alone." in verdicts.notes
    assert not any("image" in note for note in verdicts.notes)


def test_one_value_a_training_stands_beside_metrics_of_samples() -> None:
    values = np.random.default_rng(12).normal(size=(2, 2, 4, 9))
    sampled = measured_values(values)
    table = sampled.values
    alone = table[(table["metric"] == "SD") & (table["image"] == "000")].assign(image="")
    mixed = replace(sampled, values=pd.concat([table[table["metric"] == "EN"], alone], ignore_index=True))
    verdicts, reference = verdicts_of(mixed), stats.ttest_rel(values[1, 1, :, 0], values[1, 0, :, 0])
    assert _line(verdicts, "row1", "SD")["p"] == pytest.approx(reference.pvalue, rel=1e-6)
    expected = _line(verdicts_of(measured_values(values[:1])), "row1", "EN")["p"]
    assert _line(verdicts, "row1", "EN")["p"] == pytest.approx(expected)
    assert "SD: one value per training: judged over 4 seeds alone." in verdicts.notes


def test_a_coarse_number_that_two_seeds_share_by_chance_raises_no_alarm() -> None:
    values = np.array([[[0.9, 0.9, 0.8, 0.7], [0.5, 0.6, 0.8, 0.55]]])
    assert not _one_value_a_training(values).alarms
    values[0, 1] = 0.5
    assert list(_one_value_a_training(values).alarms) == ["row1"]
    values[0, 1] = values[0, 0]
    assert "equal those of row0" in _one_value_a_training(values).alarms["row1"][0][0]
