"""`python -m platform.report`: tables, figures and one HTML page of a run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.answer import Answer
from assay.cli.exit import exit_code
from assay.cli.gate import add_gate, gated, gates_of
from assay.cli.parser import command_parser
from assay.config.errors import UserError

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from assay.store.run.folder import RunFolder

__all__ = ["SUMMARY", "main"]

SUMMARY = "rebuild tables, figures and reports from stored results"

EXAMPLES = """\
examples:
  python -m platform.report runs/table5               writes runs/table5/report.html, figures and tables
  python -m platform.report runs/table5 --notebook    an executed Jupyter notebook of it as well
  python -m platform.report runs/search-NAMES-HASH    the report of a search
  python -m platform.report runs/table5 runs/other    runs side by side: writes runs/table5/comparison.html
  python -m platform.report runs/table5 --gate "ours.VIF better than no_graph"   its exit code answers

report.html needs nothing else: pictures are inside, it opens without a network and prints well. figures/ holds every
figure as PNG and PDF. A run that has not finished is reported as far as it is; the report says what is missing.
comparison.html has what may not be compared between the runs, the verdicts of the same cells, and what was different.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 0 if the report is written."""
    options = _parser().parse_intermixed_args(argv)
    from assay.evidence.report.report import write_report
    from assay.runs import Run
    from assay.store.run.folder import RunFolder

    folder, run = RunFolder(options.run), Run(options.run)
    if options.others:
        if options.gate:
            raise UserError("--gate is of one run: leave out the others")
        if options.notebook:
            raise UserError("--notebook is of one run: analysis/reports/comparison.ipynb is the notebook of two")
        return _compared([folder, *map(RunFolder, options.others)])
    gates = gates_of(options.gate, run.record) if options.gate else []
    written = [write_report(folder)]
    if options.notebook:
        from assay.evidence.report.notebook import write_notebook

        written.append(write_notebook(folder))

    def shown() -> None:
        for path in written:
            print(f"written: {path}")

    return gated(Answer(shown, lambda: _result(options.run), written=written), gates, run)


def _result(folder: Path) -> Result:
    """What the folder holds."""
    from assay.api import load_run
    from assay.documents.ablation import ablation_of
    from assay.documents.search import search_of
    from assay.runs import SearchRun

    run = load_run(folder)
    return search_of(run) if isinstance(run, SearchRun) else ablation_of(run)


def _compared(runs: Sequence[RunFolder]) -> Answer:
    """Write the page of several runs."""
    from assay.evidence.report.beside.compared import write_comparison

    page = write_comparison(runs)

    def result() -> Result:
        from assay.documents.search import Comparison

        return Comparison.model_validate({"page": page, "runs": [_result(run.folder) for run in runs]})

    return Answer(lambda: print(f"written: {page}"), result, written=[page])


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("report", SUMMARY, EXAMPLES)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run, such as runs/table5")
    parser.add_argument(
        "others", nargs="*", type=Path, metavar="OTHER", help="further runs, to be compared with the first"
    )
    parser.add_argument("--notebook", action="store_true", help="write an executed notebook too (extra: notebook)")
    add_gate(parser)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
