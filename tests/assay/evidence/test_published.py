"""The paper's tables are what the paper prints."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from assay.config.errors import UserError
from assay.evidence.published import PublishedTable, answered, kept, published_of
from assay.evidence.published import published_table as read
from assay.experiment.suite import load_suite
from assay.store.run.folder import RunFolder, RunRecord
from smfnet.config.metrics import METRICS
from smfnet.folders import ablations_folder, published_folder

TABLES = ["table1", "table2", "table3", "table4", "table5"]


def published_table(name: str) -> PublishedTable:
    return read(name, published_folder())


@pytest.mark.shared
@pytest.mark.parametrize("name", TABLES)
def test_a_table_equals_the_paper(name: str, shared: Path) -> None:
    pd.testing.assert_frame_equal(published_table(name).data, pd.read_csv(shared / "paper" / f"{name}.csv"))


def test_a_number_is_found_by_row_and_metric() -> None:
    table = published_table("table5")
    assert table.value("w/o GNN", "SSIM") == 0.9102
    assert table.n_images == 50
    assert math.isnan(table.value("w/o GNN", "MI"))
    assert math.isnan(table.value(None, "EN"))


def test_a_row_that_stands_in_the_table_once_per_data_set_has_no_single_number() -> None:
    assert math.isnan(published_table("table1").value("Ours", "EN"))


def test_every_row_of_the_shipped_suite_answers_a_printed_one() -> None:
    assert {variant.published for variant in load_suite("table5", ablations_folder()).default} == set(
        published_table("table5").rows
    )


@pytest.mark.parametrize("name", ["table1", "table4", "table5"])
def test_every_printed_fusion_metric_has_a_convention(name: str) -> None:
    table = published_table(name)
    assert set(table.data.columns) - {table.label, "dataset"} <= set(METRICS)
    assert all(metric.convention for metric in METRICS.values())


def test_an_unknown_table_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="table5"):
        published_table("table6")


@pytest.mark.parametrize(
    ("table", "rows", "reason"),
    [
        ("nosuch", {"ours": "Ours"}, r"unknown published table 'nosuch'\. .*Known: table1, table2"),
        (
            "table5",
            {"ours": "Ours", "mine": "w/o GN"},
            r"for the row mine, 'w/o GN'\. Did you mean w/o GNN\? Known",
        ),
        ("table1", {"ours": "Ours"}, r"row ours: 'Ours' stands 3 times in the printed table1"),
        (None, {"ours": None, "mine": "w/o GNN"}, r"row mine answers 'w/o GNN', but its suite names no printed table"),
    ],
)
def test_what_a_suite_answers_must_be_printed(table: str | None, rows: dict[str, str | None], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        answered(table, published_folder(), rows)


def test_a_suite_that_answers_nothing_needs_no_table() -> None:
    assert answered(None, None, {"ours": None}) is None
    with pytest.raises(UserError, match="has no printed tables"):
        answered("table5", None, {})
    table = answered("table5", published_folder(), {"ours": "Ours", "mine": None})
    assert table is not None
    assert table.name == "table5"


def test_a_run_keeps_the_printed_rows_that_it_answers(tmp_path: Path) -> None:
    printed = published_table("table5")
    record = RunRecord("ablation", "table5", (), (), (), ("EN",), published=kept(printed, {"Ours", "w/o GNN"}))
    RunFolder(tmp_path).write_record(record)
    read_again = published_of(RunFolder(tmp_path).record)
    assert read_again is not None
    assert read_again.rows == ("w/o GNN", "Ours")
    assert (read_again.title, read_again.images, read_again.n_images) == (printed.title, printed.images, 50)
    for metric in ("EN", "SD", "VIF", "SSIM"):
        assert read_again.value("w/o GNN", metric) == printed.value("w/o GNN", metric)
    assert math.isnan(read_again.value("INN<->transformer", "EN"))


def test_a_run_of_an_early_version_has_no_printed_numbers(tmp_path: Path) -> None:
    RunFolder(tmp_path).write_record(RunRecord("ablation", "table5", (), (), (), ("EN",)))
    assert published_of(RunFolder(tmp_path).record) is None
