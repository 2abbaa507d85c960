"""Our numbers against the paper's, cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from assay.evidence.measurements import Measurements, measurements
from assay.evidence.published import published_table
from assay.evidence.statistics.agreement import Agreement, agreement_of
from assay.metric import Metric
from assay.store.run.folder import RunFolder
from smfnet.folders import published_folder

MakeRun = Callable[..., RunFolder]
MeasuredFrom = Callable[[np.ndarray], Measurements]


def _of(run: RunFolder) -> Agreement:
    return agreement_of(measurements(run))


def _copy_of_the_paper(run: RunFolder, noise: float) -> None:
    """Overwrite a run's values with the paper's numbers, plus noise of trainings and images."""
    rng, printed = np.random.default_rng(5), published_table("table5", published_folder())
    names = {row.name: row.published for row in run.record.rows}
    images = rng.normal(size=12)
    for trial in run.record.trials:
        lines = [
            (trial.row, trial.seed, f"{number:03d}", metric, printed.value(names[trial.row], metric) + noise * value)
            for metric in ("EN", "SD", "VIF", "SSIM")
            for number, value in enumerate(images - images.mean() + rng.normal())
        ]
        run.write_results(trial.id, lines)


def test_a_run_that_repeats_the_paper_agrees_in_every_respect(make_run: MakeRun) -> None:
    run = make_run(baselines=False)
    _copy_of_the_paper(run, noise=1e-6)
    data = _of(run).data
    assert len(data) == 8 * 4
    assert data["inside_training"].mean() > 0.9
    assert data["same_sign"].dropna().all()
    assert data["same_rank"].all()
    assert (data["rank"] == data["published_rank"]).all()
    assert data.loc[data["row"] == "ours", "same_sign"].isna().all()


def test_a_run_that_is_far_from_the_paper_is_outside(make_run: MakeRun) -> None:
    run = make_run(effects={"no_graph": 100.0})
    line = _of(run).data.set_index(["row", "metric"]).loc[("no_graph", "EN")]
    assert not line["inside"]
    assert not line["inside_training"]
    assert not line["same_sign"]  # the paper's is lower than Ours
    assert (line["rank"], line["published_rank"]) == (1, 3)


def test_numbers_are_the_means_and_the_printed_ones(make_run: MakeRun) -> None:
    run = make_run()
    lines = _of(run).data.set_index(["row", "metric"])
    values = run.results().query("row == 'swap_fusion' and metric == 'VIF'")["value"]
    assert lines.loc[("swap_fusion", "VIF"), "mean"] == pytest.approx(values.mean())
    assert lines.loc[("swap_fusion", "VIF"), "published"] == 0.7247


def test_the_interval_is_that_of_a_bootstrap_over_seeds_and_images(measured_from: MeasuredFrom) -> None:
    """Both resampled with replacement (Owen, Ann. Appl. Stat. 1, 2007), a way that shares nothing with ours."""
    rng = np.random.default_rng(6)
    values = rng.normal(size=(40, 1)) + 2 * rng.normal(size=(1, 60)) + 0.3 * rng.normal(size=(40, 60))
    measured = measured_from(values[None, None])
    record = replace(measured.record, rows=(replace(measured.record.rows[0], published="Ours"),))
    line = agreement_of(replace(measured, record=record)).data.iloc[0]
    picks = ((rng.integers(40, size=40), rng.integers(60, size=60)) for _ in range(3000))
    low, high = np.quantile([values[np.ix_(seeds, images)].mean() for seeds, images in picks], [0.025, 0.975])
    assert line["low"] == pytest.approx(low, abs=0.15 * (high - low))
    assert line["high"] == pytest.approx(high, abs=0.15 * (high - low))
    few = replace(record, metrics=(Metric(record.columns[0], effective_samples=4.0),))
    wide = agreement_of(replace(measured, record=few)).data.iloc[0]
    assert (wide["high"] - wide["low"]) > 1.3 * (line["high"] - line["low"])


def test_one_more_training_comes_out_within_its_interval(measured_from: MeasuredFrom) -> None:
    rng = np.random.default_rng(7)
    hits = []
    for _ in range(100):
        of_seed = rng.normal(size=5)  # the fifth is the paper's training
        measured = measured_from((of_seed[:4, None] + np.linspace(-9, 9, 6))[None, None])
        record = replace(measured.record, rows=(replace(measured.record.rows[0], published="Ours"),))
        line = agreement_of(replace(measured, record=record)).data.iloc[0]
        hits.append(line["training_low"] <= of_seed[4] <= line["training_high"])
    assert 0.95 - 3 * np.sqrt(0.05 * 0.95 / 100) < np.mean(hits)


def test_ranks_are_among_the_rows_that_both_have(make_run: MakeRun) -> None:
    data = _of(make_run(failed=["ours"])).data
    column = data[data["metric"] == "EN"].set_index("row")
    assert column["published_rank"].max() == 7
    assert np.isnan(column.loc["ours", "rank"])
    assert column.loc["ours", "same_rank"] is pd.NA
    assert column["same_sign"].isna().all()


def test_with_one_seed_there_are_signs_and_ranks_but_no_intervals(make_run: MakeRun) -> None:
    agreement = _of(make_run(seeds=1))
    assert agreement.data[["low", "high", "training_low", "inside", "inside_training"]].isna().all(axis=None)
    assert agreement.data["rank"].notna().all()
    assert not any("lie inside" in note for note in agreement.notes)


def test_beside_every_count_stands_what_shuffled_rows_would_give(make_run: MakeRun) -> None:
    """Exactly the mean over all orders, against many random ones."""
    run = make_run(rows=["ours", "no_graph", "swap_fusion", "one_stage", "cai_to_inn"], baselines=False, images=30)
    agreement = _of(run)
    record, rng = run.record, np.random.default_rng(4)
    assert record.published is not None
    counts = []
    for _ in range(150):
        names = list(record.published.rows)
        rows = dict(zip(names, (record.published.rows[names[place]] for place in rng.permutation(8)), strict=True))
        used = [row.published for row in record.rows]
        order = dict(zip(used, rng.permutation(used), strict=True))
        rows = {name: record.published.rows[order.get(name, name)] for name in rows}
        run.write_record(replace(record, published=replace(record.published, rows=rows)))
        counts.append(_of(run).data[["inside", "inside_training", "same_sign", "same_rank"]].sum())
    run.write_record(record)
    expected = agreement.data[[f"{name}_shuffled" for name in counts[0].index]].sum()
    np.testing.assert_allclose(expected, np.mean(counts, axis=0), atol=4 * np.std(counts, axis=0).max() / np.sqrt(150))
    (told,) = [note for note in agreement.notes if "the paper's rank" in note]
    assert told == f"{agreement.data['same_rank'].sum()} of 20 cells have the paper's rank; shuffled, 4.0."


def test_every_metric_names_its_convention(make_run: MakeRun) -> None:
    notes = _of(make_run()).notes
    assert "SSIM: sum over both sources, data_range 2." in notes
    assert any("RoadScene test list, 50 pairs, one training each; here 12 images" in note for note in notes)


def test_columns_that_the_paper_does_not_print_are_left_out(make_run: MakeRun) -> None:
    run = make_run()
    run.write_record(replace(run.record, columns=("EN", "Qabf")))
    assert set(_of(run).data["metric"]) == {"EN"}


def test_a_run_without_printed_rows_says_so(make_run: MakeRun) -> None:
    run = make_run()
    run.write_record(replace(run.record, rows=tuple(replace(row, published=None) for row in run.record.rows)))
    agreement = _of(run)
    assert isinstance(agreement.data, pd.DataFrame)
    assert agreement.data.empty
    assert agreement.notes == ("No row of this run answers a printed one.",)


def test_a_run_that_has_just_begun_has_only_printed_numbers(make_run: MakeRun) -> None:
    rows = ["ours", "no_graph"]
    data = _of(make_run(rows=rows, pending=rows, baselines=False)).data
    assert data["mean"].isna().all()
    assert data["published"].notna().all()
