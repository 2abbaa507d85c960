"""`report` writes the page and says where it is; what is no run is one line."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

import pytest

from assay.cli.report import main
from assay.store.run.folder import RowRecord, RunFolder, RunRecord, TrialRecord


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run of one row that has not begun."""
    run = RunFolder(tmp_path / "run")
    rows, trials = (RowRecord("ours", "Ours"),), (TrialRecord("ours-seed0", "ours", 0),)
    run.write_record(RunRecord("ablation", "mine", ("python",), rows, trials, ("EN",)))
    return run


def test_it_writes_the_page_and_the_tables(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run.folder)]) == 0
    assert capsys.readouterr().out == f"written: {run.folder / 'report.html'}\n"
    assert {path.name for path in run.folder.iterdir()} >= {"report.html", "table.md", "table.csv", "table.tex"}


@pytest.mark.parametrize("name", ["", "nothing"])
def test_what_is_no_run_is_one_line(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / name)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert "is no run" in printed.err


def test_a_damaged_run_is_one_line(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    (run.folder / "run.json").write_text('{"kind": ')
    assert main([str(run.folder)]) == 2
    assert "run.json is damaged" in capsys.readouterr().err


def test_a_folder_where_a_file_goes_is_one_line(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    (run.folder / "table.md").mkdir()
    assert main([str(run.folder)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"Is a directory: {run.folder / 'table.md'}")


def test_two_runs_are_compared_on_a_page(run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = RunFolder(tmp_path / "other")
    other.write_record(run.record)
    assert main([str(run.folder), str(other.folder)]) == 0
    assert capsys.readouterr().out == f"written: {run.folder / 'comparison.html'}\n"
    assert not (run.folder / "report.html").exists()


def test_a_notebook_of_two_runs_is_refused_in_one_line(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run.folder), str(run.folder), "--notebook"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--notebook is of one run" in line


@pytest.mark.parametrize("others", [[], ["other"]])
def test_a_run_that_takes_no_files_is_named_with_what_to_do(
    run: RunFolder, others: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(run.folder / "tmpx"))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert main([str(run.folder), *others]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"error: {run.folder}: expected the folder of a run that can be written to; Permission denied: "
    )
    assert "a copy of it" in line


def test_a_command_without_its_run_asks_for_that_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--json"])
    assert capsys.readouterr().err.startswith("error: the following arguments are required: RUN; ")
