"""The paper's tables are what the paper prints."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from assay.config.errors import UserError
from assay.evidence.published import conventions, published_table
from assay.experiment.suite import load_suite

TABLES = ["table1", "table2", "table3", "table4", "table5"]


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
    assert {variant.published for variant in load_suite("table5").default} == set(published_table("table5").rows)


@pytest.mark.parametrize("name", ["table1", "table4", "table5"])
def test_every_printed_fusion_metric_has_a_convention(name: str) -> None:
    table = published_table(name)
    assert set(table.data.columns) - {table.label, "dataset"} <= set(conventions())
    assert all(convention.convention for convention in conventions().values())


def test_an_unknown_table_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="table5"):
        published_table("table6")
