"""What a run's trainings varied by is kept for plans."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import pilot
from analysis.pilot import main
from assay.store.run.folder import RunFolder
from tests.synthetic_runs import make_run, whole_run

__all__ = ["make_run", "whole_run"]


@pytest.fixture(autouse=True)
def _kept_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pilot, "PILOTS", tmp_path)


def _of_preset(run: RunFolder, preset: str) -> str:
    record = run.record
    run.write_record(replace(record, provenance={**record.provenance, "choices": {"preset": preset}}))
    return str(run.folder)


def test_trained_rows_are_kept_with_four_digits(whole_run: RunFolder, tmp_path: Path) -> None:
    assert main([_of_preset(whole_run, "quick")]) == 0
    kept = pd.read_parquet(tmp_path / "quick.parquet")
    trained = {row.name for row in whole_run.record.rows if not row.baseline}
    results = whole_run.results()
    assert set(kept["row"]) == trained < set(results["row"])
    both = kept.merge(results, on=["row", "seed", "image", "metric"], validate="one_to_one")
    assert len(both) == len(kept) == results["row"].isin(trained).sum()
    np.testing.assert_allclose(both["value_x"], both["value_y"], atol=5.1e-5)


@pytest.mark.parametrize("preset", ["", "../quick"])
def test_a_run_of_no_named_preset_is_refused(
    whole_run: RunFolder, tmp_path: Path, preset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([_of_preset(whole_run, preset)]) == 2
    assert capsys.readouterr().err.startswith("error: expected a run of a named preset; ")
    assert not list(tmp_path.rglob("*.parquet"))
