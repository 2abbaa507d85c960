"""Two runs side by side: what differs in them, and pairs of what both have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assay.config.errors import UserError
from assay.evidence.report.beside.comparison import circumstances, paired_runs, side_by_side
from assay.evidence.statistics.verdict import verdicts_of
from assay.store.run.folder import RunFolder

Runs = tuple[RunFolder, RunFolder]


@pytest.fixture
def runs(make_run: Callable[..., RunFolder], tmp_path: Path) -> Runs:
    """The second run has one more seed, and `ours` is better by two spreads of the images."""
    first = RunFolder(make_run(rows=("ours", "no_graph"), seeds=3).folder.rename(tmp_path / "first"))
    second = make_run(rows=("ours", "no_graph"), seeds=4, effects={"ours": 2.0, "no_graph": -0.8})
    return first, RunFolder(second.folder.rename(tmp_path / "second"))


def test_pairs_are_made_of_shared_seeds_and_images(runs: Runs) -> None:
    verdicts = verdicts_of(paired_runs(*runs, "ours"))
    results = [run.results().query("row == 'ours' and metric == 'EN' and seed < 3") for run in runs]
    expected = results[1]["value"].mean() - results[0]["value"].mean()
    line = verdicts.cell("second", "EN")
    assert line is not None
    assert line["difference"] == pytest.approx(expected)
    assert (line["n_seeds"], line["n_images"], line["verdict"]) == (3, 12, "better")


def test_means_stand_side_by_side(runs: Runs) -> None:
    table = side_by_side(*runs).set_index(["row", "metric"])
    for name, run in zip(("first", "second"), runs, strict=True):
        means = run.results().groupby(["row", "metric"])["value"].mean()
        np.testing.assert_allclose(table[name], means.loc[table.index])
    assert tuple(table.loc[("ours", "EN"), ["seeds_first", "seeds_second"]]) == (3, 4)


def test_only_what_differs_is_listed(runs: Runs) -> None:
    runs[1].write_config("seed: 1\n")
    table = circumstances(*runs)
    assert table.to_dict("index") == {"seed": {"first": "0", "second": "1"}}


def test_other_test_images_are_told(runs: Runs) -> None:
    path = runs[1].folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"provenance": {"data": {"test": "other"}}}))
    assert "not tested on the same images" in paired_runs(*runs, "ours").notes[-1]


def test_an_unknown_row_gets_the_closest_name(runs: Runs) -> None:
    with pytest.raises(UserError, match="Did you mean no_graph"):
        paired_runs(*runs, "no_grap")
