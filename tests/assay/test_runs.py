"""A run as data frames: the numbers of its table, and nothing that needs torch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import assay
from assay.config.errors import UserError
from assay.evidence.tables.table import ablation_table
from assay.runs import Run, SearchRun
from assay.runs.run import OF
from assay.store.run.folder import RunFolder
from tests.assay.evidence.conftest import write_search_folder
from tests.synthetic_runs import make_run, whole_run

__all__ = ["make_run", "whole_run"]


def test_the_table_has_the_numbers_of_the_printed_one(whole_run: RunFolder) -> None:
    run, table = Run(whole_run.folder), ablation_table(whole_run)
    for of in OF:
        found = run.table(of)
        assert list(found.columns) == ["title", *table.columns]
        assert list(found.index) == list(table.data["row"].unique())
        for row in found.index:
            for metric in table.columns:
                assert found.loc[row, metric] == table.cell(row, metric)[of] or np.isnan(found.loc[row, metric])
    with pytest.raises(UserError, match=r"unknown of 'men'. Did you mean mean"):
        run.table("men")


def test_means_are_those_of_the_measurements(whole_run: RunFolder) -> None:
    run = Run(whole_run.folder)
    values = run.measurements()
    assert list(values.columns) == ["row", "seed", "sample", "metric", "value"]
    means = values.groupby(["row", "metric", "seed"])["value"].mean().groupby(["row", "metric"]).mean()
    for (row, metric), mean in means.items():
        assert run.table().loc[row, metric] == pytest.approx(mean, rel=1e-12)


def test_verdicts_have_a_line_for_each_row_but_the_base(whole_run: RunFolder) -> None:
    run = Run(whole_run.folder)
    verdicts, rows = run.verdicts(), set(run.table().index) - {"ours"}
    assert set(verdicts["row"]) == rows
    assert len(verdicts) == len(rows) * (run.table().shape[1] - 1)
    assert set(verdicts.loc[verdicts["baseline"], "row"]) == {row.name for row in run.record.rows if row.baseline}


def test_what_did_not_finish_has_a_line_each_with_the_file_of_its_traceback(make_run: Callable[..., RunFolder]) -> None:
    folder = make_run(failed=("no_graph",), pending=("swap_fusion",), seeds=2)
    error = folder.write_error("no_graph-seed0", "Traceback ...")
    head, *lines = Run(folder.folder).unfinished
    assert head.startswith("4 of ")
    assert lines[0].endswith(f" ({error})")
    assert sorted(line.partition(";")[0] for line in lines) == [
        "no_graph-seed0: failed", "no_graph-seed1: failed", "swap_fusion-seed0: pending", "swap_fusion-seed1: pending",
    ]  # fmt: skip


def test_a_notebook_shows_the_table(whole_run: RunFolder) -> None:
    run = Run(whole_run.folder)
    page = run._repr_html_()
    assert page.startswith("<pre")
    assert "w/o GNN" in page
    assert "▼" in page
    assert "w/o GNN" in str(run)
    assert "\x1b" not in str(run)
    assert repr(run) == f"Run({str(run.folder)!r})"


def test_a_search_is_loaded_as_one(tmp_path: Path) -> None:
    found = assay.load_run(write_search_folder(tmp_path / "search"))
    assert isinstance(found, SearchRun)
    assert found.best == {"alpha3": 7.0, "beta1": 4.0}
    assert found.importance["importance"].tolist() == [0.75, 0.25]
    assert found.confirmation is None
    assert "trial 5" in str(found)


def test_a_folder_that_is_no_run_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no run"):
        assay.load_run(tmp_path)
    with pytest.raises(UserError, match="expected the folder of a run; got None"):
        assay.load_run(None)  # type: ignore[arg-type]


def test_a_network_needs_its_study(whole_run: RunFolder) -> None:
    with pytest.raises(UserError, match=r"say load_run\(FOLDER, study=\.\.\.\)"):
        Run(whole_run.folder).network("ours")


def test_a_run_of_another_study_is_told_so(whole_run: RunFolder, line_study: Path) -> None:
    run = assay.load_run(whole_run.folder, study="line.py")
    assert isinstance(run, Run)
    with pytest.raises(UserError, match="is a run of another study than line, or of another version: unknown"):
        run.network("no_graph")


def test_reading_a_run_needs_neither_torch_nor_ray(whole_run: RunFolder, root: Path) -> None:
    script = (
        "import sys, assay\n"
        "run = assay.load_run(sys.argv[1]); run.table(); run.verdicts(); run._repr_html_()\n"
        "sys.exit(', '.join({'torch', 'ray', 'optuna'} & set(sys.modules)) or 0)\n"
    )
    command = [sys.executable, "-c", script, str(whole_run.folder)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
