"""A folder of somebody else's may hold links; nothing is written or removed where they lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.config.errors import UserError
from assay.evidence.report.report import write_report
from assay.store.disk.lock import sole_writer
from assay.store.received.links import refuse_links
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord


@pytest.mark.parametrize("place", ["figures", "images/ours"])
def test_a_link_to_a_folder_is_refused_by_whoever_writes(tmp_path: Path, place: str) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "forest.png").write_text("years of work")
    run = RunFolder(tmp_path / "run")
    rows, trials = (RowRecord("ours", "Ours"),), (TrialRecord("ours-seed0", "ours", 0),)
    run.write_record(RunRecord("ablation", "mine", ("python",), rows, trials, ("EN",)))
    link = run.folder / place
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(tmp_path / "mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=f"{place} is a link to .*mine: expected a folder of the run's own; remove it"):
        write_report(run)
    assert sorted(tmp_path.rglob("*")) == before
    with pytest.raises(UserError, match="is a link to"), sole_writer(run.folder):
        pass


def test_a_run_may_lie_behind_a_link_itself(tmp_path: Path) -> None:
    (tmp_path / "disk" / "images" / "ours").mkdir(parents=True)
    (tmp_path / "run").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "table.md").symlink_to(tmp_path / "nowhere")
    refuse_links(tmp_path / "run")
    refuse_links(tmp_path / "not there")
