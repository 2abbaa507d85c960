"""What of a run did not come is said in lines."""

from __future__ import annotations

from pathlib import Path

from assay.cli.carry_out import unfinished
from assay.store.run import RunFolder, RunRecord, TrialRecord


def _record(*trials: TrialRecord) -> RunRecord:
    return RunRecord("ablation", "table5", (), (), trials, ("EN",))


def test_every_trial_that_did_not_finish_has_a_line_with_the_file_of_its_traceback(tmp_path: Path) -> None:
    error = RunFolder(tmp_path).write_error("wild-seed1", "Traceback ...")
    finished = TrialRecord("ours-seed1", "ours", 1, "finished")
    failed = TrialRecord("wild-seed1", "wild", 1, "failed", "loss not finite")
    running = TrialRecord("ours-seed2", "ours", 2, "running")
    assert unfinished(_record(finished), tmp_path) == []
    assert unfinished(_record(finished, failed, running), tmp_path) == [
        "2 of 3 trials did not finish",
        f"wild-seed1: failed; loss not finite ({error})",
        "ours-seed2: running",
    ]
