"""`--rerun`: one trial again, in the open, and whether the numbers are the same."""

from __future__ import annotations

import io
import shutil
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from assay.config.section import paths_of
from assay.experiment.execution import TrialFailed
from assay.experiment.suite import load_suite
from assay.experiment.trial import trials_of
from assay.launch.rerun import trial_again
from assay.store.store import TRIALS, Entry, Store
from smfnet.cli.ablate import main
from smfnet.config.schema import compose
from smfnet.folders import ablations_folder
from smfnet.study import study


def _entry(store: Store, row: str, seed: int = 2025) -> Entry:
    return next(e for e in store.entries(TRIALS) if (e.record.row, e.record.seed) == (row, seed))


def test_the_same_numbers_come_out(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = _entry(Store(str(stored)), "swap_fusion")
    assert main(["--rerun", entry.fingerprint[:10], f"storage={stored}"]) == 0
    out, err = capsys.readouterr()
    assert out == "swap_fusion-seed2025: the same numbers, 33 of 33\n"
    assert err == ""


def test_other_numbers_are_found_with_the_reason_why_they_may_be(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(stored, tmp_path / "store")
    store = Store(str(tmp_path / "store"))
    entry = _entry(store, "ours")
    values = pd.read_parquet(io.BytesIO(store.read(entry, "results.parquet") or b""))
    values.loc[(values["metric"] == "SD") & (values.index < 11), "value"] += 0.25
    record = asdict(entry.record) | {"made_with": {**entry.record.made_with, "torch": "1.0", "processor": "Z80"}}
    store.write(TRIALS, 32 * "0", {"results.parquet": values.to_parquet()}, record)
    assert main(["--rerun", 12 * "0", f"storage={tmp_path / 'store'}"]) == 1
    out, err = capsys.readouterr()
    assert "ours-seed2025: 1 of 33 numbers differ" in out
    assert out.split()[-2:] == ["SD", "0.25"]
    assert "code or data are not those of the stored trial" in err
    assert "stored with torch 1.0, now it is" in err
    assert "stored with processor Z80, now it is" in err


@pytest.mark.parametrize("words", [["preset=quick"], ["preset=paper", "profile=released", "data=generated"]])
def test_the_same_code_gives_the_same_name_again_for_every_row(words: list[str], tmp_path: Path) -> None:
    """Else it would be said of an unchanged commit that code or data are not those of the stored trial."""
    store, config = Store(str(tmp_path)), compose(words)
    for trial in trials_of(study(), config, load_suite("table5", ablations_folder()).variants, 1):
        kept = {"row": trial.row, "seed": trial.seed, "config": paths_of(trial.config)}
        assert (
            trial_again(study(), store.write(TRIALS, trial.fingerprint, {}, kept)).fingerprint == trial.fingerprint
        ), trial.row


def test_a_trial_that_fails_now_is_told(
    stored: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise TrialFailed("loss not finite at epoch 0, step 1")

    monkeypatch.setattr("assay.experiment.execution.execute_trial", fails)
    assert main(["--rerun", _entry(Store(str(stored)), "ours").fingerprint, f"storage={stored}"]) == 1
    assert capsys.readouterr() == (
        "",
        "ours-seed2025 fails now, and was finished then: loss not finite at epoch 0, step 1\n",
    )


def test_numbers_that_the_stored_trial_lacks_are_named(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(str(shutil.copytree(stored, tmp_path / "store")))
    entry = _entry(store, "ours")
    values = pd.read_parquet(io.BytesIO(store.read(entry, "results.parquet") or b""))
    store.remove(entry)
    fewer = values[values["metric"] != "SD"].to_parquet()
    store.write(TRIALS, entry.fingerprint, {"results.parquet": fewer}, asdict(entry.record))
    assert main(["--rerun", entry.fingerprint, f"storage={store.files.root}"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ours-seed2025: not compared, since the stored trial lacks them: SD",
        "ours-seed2025: the same numbers, 30 of 30",
    ]


def test_a_trial_of_a_run_is_named_by_its_folder_or_is_that_of_the_newest_run(
    stored: Path,
    tiny_words: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["ours", "--seeds", "2", "--output", "runs/mine", f"storage={stored}", *tiny_words]) == 0
    capsys.readouterr()
    for name in ("runs/mine/ours-seed2026", "ours-seed2026"):
        assert main(["--rerun", name]) == 0
        assert "ours-seed2026: the same numbers" in capsys.readouterr().out
    assert main(["--rerun", "runs/mine/ours-seed2027"]) == 2
    assert "unknown trial 'ours-seed2027'. Did you mean ours-seed202" in capsys.readouterr().err
    assert main(["--rerun", "runs/other/ours-seed2025"]) == 2
    assert "runs/other is no run" in capsys.readouterr().err


def test_a_training_free_row_has_nothing_to_train(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = _entry(Store(str(stored)), "max", -1)
    assert main(["--rerun", entry.fingerprint, f"storage={stored}"]) == 2
    assert "max is a training-free row" in capsys.readouterr().err


def test_a_name_of_several_is_refused(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rerun", "", f"storage={stored}"]) == 2
    assert "nothing to do" in capsys.readouterr().err
