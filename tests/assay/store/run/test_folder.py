"""The folder of a run: written whole, read back as it was, and refused where it is not what it should be."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from assay.config.errors import UserError
from assay.design.design import Design, Part
from assay.store.run.folder import CURVES, FORMAT, RESULTS, RowRecord, RunFolder, RunRecord, TrialRecord
from assay.store.run.proof import TrialProof

RECORD = RunRecord(
    kind="ablation",
    suite="table5",
    command=("python", "-m", "platform.ablate", "--all"),
    rows=(
        RowRecord("no_graph", "w/o GNN", "w/o GNN", {"graph.enabled": False}),
        RowRecord("max", "max", baseline=True),
    ),
    trials=(
        TrialRecord("no_graph-seed1", "no_graph", 1, "finished", "", 32 * "a", (32 * "1", 32 * "2"), (32 * "1",), 2.5),
        TrialRecord("no_graph-seed2", "no_graph", 2),
    ),
    columns=("EN", "SD"),
    base_row="ours",
    note="a note",
    provenance={"git": {"commit": "abc"}, "seeds": [1, 2]},
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "run")
    run.write_record(RECORD)
    return run


def test_a_record_comes_back_as_it_was(run: RunFolder) -> None:
    assert run.record == RECORD


DESIGN = Design(
    "factorial",
    (Part("no_graph", "GNN"), Part("no_skip", "skip")),
    {"ours": (1, 1), "no_graph": (0, 1), "no_skip": (1, 0), "no_graph+no_skip": (0, 0)},
)


def test_a_design_comes_back_as_it_was(run: RunFolder) -> None:
    rows = tuple(RowRecord(name, name) for name in DESIGN.cells)
    record = replace(RECORD, rows=rows, trials=(), design=DESIGN)
    run.write_record(record)
    assert run.record == record


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("kind",), "cube", "design.kind"),
        (("cells", "ours"), [1, 2], "expected cells of 2 levels, 0 or 1"),
        (("cells", "other"), [1, 1], "expected cells that differ"),
        (("parts", 0), {"name": "x"}, "design.parts"),
        (("cells",), {"a": [1, 1], "b": [0, 1], "c": [1, 0], "d": [0, 0]}, "design: a cell is no row"),
    ],
)
def test_a_design_that_was_edited_into_none_is_told(
    run: RunFolder, path: tuple[Any, ...], value: Any, reason: str
) -> None:
    rows = tuple(RowRecord(name, name) for name in DESIGN.cells)
    run.write_record(replace(RECORD, rows=rows, trials=(), design=DESIGN))
    document = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    inner = document["design"]
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    (run.folder / "run.json").write_text(json.dumps(document))
    with pytest.raises(UserError) as told:
        _ = run.record
    assert reason in str(told.value)
    assert "\n" not in str(told.value)


def test_every_row_and_trial_has_a_line_of_its_own(run: RunFolder) -> None:
    lines = (run.folder / "run.json").read_text(encoding="utf-8").splitlines()
    for name in ("no_graph-seed2", "w/o GNN"):
        assert sum(name in line for line in lines) == 1


def test_values_and_curves_of_all_trials_are_one_table_each(run: RunFolder) -> None:
    run.write_results("no_graph-seed1", [("a", 1, "001", "EN", 7.25), ("a", 1, "001", "SD", 50.0)])
    run.write_results("no_graph-seed2", [("b", 1, "001", "EN", 1 / 3)])
    run.write_curves("no_graph-seed1", [("a", 1, "stage1", 0, "ssim_ir", 8.0, 0.5)])
    assert list(run.results().columns) == RESULTS
    assert run.results()["value"].tolist() == [7.25, 50.0, 1 / 3]
    assert list(run.curves().columns) == CURVES
    assert run.curves()["weight"].tolist() == [8.0]


def test_a_run_without_values_has_empty_tables(run: RunFolder) -> None:
    assert run.results().empty
    assert list(run.results().columns) == RESULTS
    assert list(run.curves().columns) == CURVES
    assert run.proofs() == {}


def test_proof_config_and_errors_are_files_of_their_trial(run: RunFolder) -> None:
    run.write_proof("a", {"alarms": ["x"]})
    run.write_config("seed: 1\n")
    assert run.write_error("w%2Fo GNN-seed1", "Traceback") == run.folder / "errors" / "w%2Fo GNN-seed1.txt"
    assert run.proofs() == {"a": TrialProof(alarms=("x",))}
    assert (run.folder / "config.yaml").read_text() == "seed: 1\n"


@pytest.mark.parametrize("name", ["../a", "a/b", "/tmp/a", "..", ".a", "", "a\0"])
def test_an_id_that_leads_elsewhere_is_written_nowhere(run: RunFolder, name: str) -> None:
    before = sorted(run.folder.parent.rglob("*"))
    for write in (
        lambda: run.write_results(name, []),
        lambda: run.write_curves(name, []),
        lambda: run.write_proof(name, {}),
        lambda: run.write_error(name, ""),
    ):
        with pytest.raises(UserError, match="safe as a file name"):
            write()
    assert sorted(run.folder.parent.rglob("*")) == before


def test_a_trial_s_file_under_an_id_of_an_earlier_version_is_not_counted_twice(run: RunFolder) -> None:
    lines = [("no_graph", 1, "001", "EN", 7.25)]
    run.write_results("no_graph-seed1", lines)
    run.write_results("no graph-seed1", [(*lines[0][:4], 9.0)])
    assert run.results()["value"].tolist() == [7.25]


def test_a_folder_without_record_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is no run: expected a folder with run\.json"):
        _ = RunFolder(tmp_path).record


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"kind": "ablation", "suite": "x"}', '{"rows": 3}', '{"format": "x"}']
)
def test_a_damaged_record_says_so(run: RunFolder, text: str) -> None:
    (run.folder / "run.json").write_text(text)
    with pytest.raises(UserError, match=r"run\.json is damaged .*give the run's command again"):
        _ = run.record
    run.check_writable("ablation")


def test_a_run_of_a_newer_version_is_neither_read_nor_written_over(run: RunFolder) -> None:
    raw = json.loads((run.folder / "run.json").read_text())
    (run.folder / "run.json").write_text(json.dumps(raw | {"format": FORMAT + 1, "kind": 3}))
    expected = f"has format {FORMAT + 1}, this version reads up to {FORMAT}: update assay"
    with pytest.raises(UserError, match=expected):
        _ = run.record
    with pytest.raises(UserError, match=expected):
        run.check_writable("ablation")


def test_keys_of_an_older_version_are_dropped(run: RunFolder) -> None:
    raw = json.loads((run.folder / "run.json").read_text())
    del raw["note"]
    (run.folder / "run.json").write_text(json.dumps(raw | {"format": 0, "former": 1}))
    assert (run.record.note, run.record.format) == ("", 0)


def test_only_an_own_or_an_empty_folder_is_written_to(run: RunFolder, tmp_path: Path) -> None:
    run.check_writable("ablation")
    RunFolder(tmp_path / "new").check_writable("ablation")
    with pytest.raises(UserError, match="holds a run of kind ablation, not search"):
        run.check_writable("search")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / ".run.json.x.part").touch()  # an earlier run was killed at its first file
    RunFolder(tmp_path / "mine").check_writable("ablation")
    (tmp_path / "mine" / "holiday.jpg").touch()
    with pytest.raises(UserError, match="holds other files"):
        RunFolder(tmp_path / "mine").check_writable("ablation")
    with pytest.raises(UserError, match=r"holiday.jpg is a file: expected a new folder"):
        RunFolder(tmp_path / "mine" / "holiday.jpg").check_writable("ablation")


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty"])
def test_a_damaged_table_is_named(run: RunFolder, damage: str) -> None:
    run.write_results("no_graph-seed1", [("a", 1, f"{k:03d}", "EN", k / 7) for k in range(200)])
    path = run.folder / "results" / "no_graph-seed1.parquet"
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.write_bytes({"truncated": data[:-50], "flipped": bytes(data), "empty": b""}[damage])
    with pytest.raises(UserError, match=r"no_graph-seed1\.parquet is damaged .*remove it"):
        run.results()


@pytest.mark.parametrize(("make", "told"), [(os.mkfifo, "a pipe"), (Path.mkdir, "a folder")])
def test_a_table_that_is_no_file_is_not_waited_for(run: RunFolder, make: Callable[[Path], None], told: str) -> None:
    path = run.folder / "results" / "no_graph-seed1.parquet"
    path.parent.mkdir()
    make(path)
    with contextlib.ExitStack() as ends:
        if path.is_fifo():  # with a writer, so that this test fails instead of waiting
            ends.callback(os.close, os.open(path, os.O_RDWR))
        with pytest.raises(UserError, match=rf"no_graph-seed1\.parquet is damaged .*this is {told}"):
            run.results()


def test_a_damaged_proof_is_named(run: RunFolder) -> None:
    run.write_proof("a", {})
    (run.folder / "proof" / "a.json").write_text("{")
    with pytest.raises(UserError, match=r"proof/a\.json is damaged .*remove it"):
        run.proofs()


def test_a_run_can_be_read_without_torch(run: RunFolder) -> None:
    script = (
        "import sys; from assay.store.run.folder import RunFolder; run = RunFolder(sys.argv[1]); "
        "print(run.record.suite, len(run.results()), sorted({'torch', 'ray'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script, run.folder], capture_output=True, text=True, check=True)
    assert done.stdout == "table5 0 []\n"


def test_values_are_kept_to_the_last_bit(run: RunFolder) -> None:
    values = [0.1 + 0.2, 1e-300, float("nan"), float("inf")]
    run.write_results("no_graph-seed1", [("a", 1, str(k), "EN", value) for k, value in enumerate(values)])
    pd.testing.assert_series_equal(run.results()["value"], pd.Series(values, name="value"), check_exact=True)
