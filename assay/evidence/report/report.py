"""The report of a run: one HTML file that stands alone, with tables and figures as files beside it."""

from __future__ import annotations

from pathlib import Path

from assay.evidence.report.page import page
from assay.evidence.report.reading import Reading
from assay.evidence.report.sections.ablation import ablation_sections
from assay.evidence.report.sections.pictures import FIGURES
from assay.evidence.report.sections.search import is_search, search_sections
from assay.evidence.tables.render import write_tables
from assay.store.disk.atomic import check_writable, write_text
from assay.store.disk.written import wrote
from assay.store.received.links import refuse_links
from assay.store.run.folder import RunFolder, RunRecord

__all__ = ["REPORT", "write_report"]

REPORT = "report.html"


def write_report(run: RunFolder) -> Path:
    """Write report.html, the tables, and figures/ into the run's folder; the same run gives the same bytes.

    Args:
        run: the folder of an ablation or of a search, finished or not.

    Returns:
        The path of report.html.

    Raises:
        UserError: the folder is no run, a file in it is damaged, or a link in it leads elsewhere.
    """
    refuse_links(run.folder)
    check_writable(run.folder, "the folder of a run", "report a copy of it, or get its permission")
    path = run.folder / REPORT
    read = Reading(run)
    if (run.folder / "run.json").is_file():
        write_tables(run, read.table, read.contrasts)
    write_text(path, _search(read) if is_search(run.folder) else _ablation(read))
    wrote(path)
    return path


def _ablation(read: Reading) -> str:
    record = read.record
    about = f"Files beside this page: table.md, table.csv, table.tex, and every figure as PNG and PDF in {FIGURES}/."
    title = f"{record.suite}: report of the ablation"
    return page(title, _subtitle(read.run, record), ablation_sections(read), about)


def _search(read: Reading) -> str:
    name = read.run.folder.resolve().name
    about = "Beside this page: study.journal, which optuna-dashboard reads; best.yaml; tables; figures as PNG and PDF."
    return page("Report of the search", name, search_sections(read), about)


def _subtitle(run: RunFolder, record: RunRecord) -> str:
    finished = sum(trial.status == "finished" for trial in record.trials)
    started = record.provenance.get("started")
    when = f", started {started}" if started else ""
    note = f". {record.note}" if record.note else ""
    return f"{run.folder.resolve().name}: {finished} of {len(record.trials)} trials finished{when}{note}"
