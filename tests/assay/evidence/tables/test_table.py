"""The numbers of the table, its states and its marks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from assay.evidence import ablation_table
from assay.metric import Metric
from assay.store.run.folder import RunFolder
from assay.store.run.recorder import Recorder

MakeRun = Callable[..., RunFolder]


def test_a_cell_is_the_mean_over_images_then_over_seeds(make_run: MakeRun) -> None:
    run = make_run(seeds=4, images=7)
    results = run.results().query("row == 'no_graph' and metric == 'SD'")
    per_seed = [results.loc[results["seed"] == seed, "value"].to_numpy().mean() for seed in range(4)]
    cell = ablation_table(run).cell("no_graph", "SD")
    assert cell["mean"] == pytest.approx(np.mean(per_seed), rel=1e-12)
    assert cell["spread"] == pytest.approx(np.std(per_seed, ddof=1), rel=1e-12)
    assert (cell["n_seeds"], cell["n_images"], cell["published"]) == (4, 7, 50.9436)


def test_rows_stand_in_the_order_of_the_suite_with_the_training_free_ones_last(whole_run: RunFolder) -> None:
    table = ablation_table(whole_run)
    assert table.rows(baseline=False) == [row.name for row in whole_run.record.rows if not row.baseline]
    assert table.rows(baseline=True) == ["visible_only", "max"]


def test_best_and_second_are_the_two_largest_trained_means(whole_run: RunFolder) -> None:
    table = ablation_table(whole_run)
    for metric in table.columns:
        column = table.data[table.data["metric"] == metric].set_index("row")
        trained = column.loc[~column["baseline"], "mean"].sort_values(ascending=False)
        assert list(column.index[column["mark"] == "best"]) == [trained.index[0]]
        assert list(column.index[column["mark"] == "second"]) == [trained.index[1]]


def test_where_no_row_is_resolved_best_and_second_are_not_marked(make_run: MakeRun) -> None:
    """Their order is chance: a large spread of the seeds, one seed, or rows that are only equivalent."""
    margins = tuple(Metric(name, margin=50.0) for name in ("EN", "SD", "VIF", "SSIM"))
    for fields in ({"seed_spread": 20.0}, {"seeds": 1}, {"effects": {}, "seeds": 6, "metrics": margins}):
        table = ablation_table(make_run(**fields))
        assert set(table.data["mark"]) == {""}
        assert table.notes[0].startswith("Best and second best are not marked")


def test_marks_stand_in_the_columns_in_which_a_row_is_resolved(make_run: MakeRun) -> None:
    run = make_run()
    results = run.results()
    for trial in run.record.trials:  # what makes no_graph worse is taken away in SD alone
        own = results[(results["row"] == trial.row) & (results["seed"] == trial.seed)].copy()
        own.loc[own["metric"] == "SD", "value"] += 18.0 * (trial.row == "no_graph")
        run.write_results(trial.id, own.itertuples(index=False, name=None))
    table = ablation_table(run)
    marked = table.data.loc[table.data["mark"] != "", "metric"].unique().tolist()
    assert sorted(marked) == ["EN", "SSIM", "VIF"]
    assert table.notes[0].startswith("Best and second best are marked among trained rows in EN, VIF, SSIM, where")


def test_a_training_free_row_has_no_mark_even_if_it_is_best(make_run: MakeRun) -> None:
    table = ablation_table(make_run(effects={"max": 5.0}))
    column = table.data[table.data["metric"] == "EN"].set_index("row")
    assert column["mean"].idxmax() == "max"
    assert column.loc["max", ["mark", "n_seeds"]].tolist() == ["", 0]
    assert math.isnan(column.loc["max", "published"])


def test_one_seed_has_no_spread(make_run: MakeRun) -> None:
    table = ablation_table(make_run(seeds=1))
    assert table.data["spread"].isna().all()
    assert any("one seed" in note for note in table.notes)


def test_failed_and_pending_rows_stay_in_the_table(make_run: MakeRun) -> None:
    table = ablation_table(make_run(failed=["no_graph"], pending=["swap_fusion"]))
    failed, pending = table.cell("no_graph", "EN"), table.cell("swap_fusion", "EN")
    assert (failed["status"], failed["n_seeds"], failed["n_images"]) == ("failed", 0, 0)
    assert "gram became nan" in failed["reason"]
    assert pending["status"] == "pending"
    assert math.isnan(failed["mean"])
    assert failed["published"] == 7.3692


def test_a_row_of_which_one_seed_failed_is_shown_with_the_others(make_run: MakeRun) -> None:
    run = make_run()
    Recorder(run, run.record).change("no_graph-seed1", status="failed", reason="out of memory")
    cell = ablation_table(run).cell("no_graph", "EN")
    assert (cell["status"], cell["n_seeds"]) == ("partly", 2)
    assert cell["reason"] == "2 of 3 seeds; out of memory (seed 1)"


def test_a_training_free_row_without_values_says_so(make_run: MakeRun) -> None:
    run = make_run()
    (run.folder / "results" / "max.parquet").unlink()
    assert ablation_table(run).cell("max", "EN")["reason"] == "not measured"


def test_the_note_of_the_run_reaches_the_reader(make_run: MakeRun) -> None:
    run = make_run()
    run.write_record(replace(run.record, note="Generated scenes: not the paper's numbers."))
    assert "Generated scenes: not the paper's numbers." in ablation_table(run).notes
