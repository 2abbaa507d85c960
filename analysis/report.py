"""The report of a run: one HTML file that stands alone, with tables and figures as files beside it."""

from __future__ import annotations

from pathlib import Path

from analysis.render import write_tables
from analysis.report_ablation import ablation_sections
from analysis.report_page import page
from smfnet.config.atomic import write_text
from smfnet.experiment.results import Run, RunRecord

__all__ = ["REPORT", "write_report"]

REPORT = "report.html"


def write_report(run: Run) -> Path:
    """Write report.html, the tables, and figures/ into the run's folder; the same run gives the same bytes.

    Args:
        run: the folder; the run may be unfinished.

    Returns:
        The path of report.html.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    record = run.record
    write_tables(run)
    sections = ablation_sections(run)
    path = run.folder / REPORT
    write_text(path, page(f"{record.suite}: report of the {record.kind}", _subtitle(run, record), sections))
    return path


def _subtitle(run: Run, record: RunRecord) -> str:
    finished = sum(trial.status == "finished" for trial in record.trials)
    started = record.provenance.get("started")
    when = f", started {started}" if started else ""
    note = f". {record.note}" if record.note else ""
    return f"{run.folder.resolve().name}: {finished} of {len(record.trials)} trials finished{when}{note}"
