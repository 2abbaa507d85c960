"""`python -m platform.report`: tables, figures and one HTML page of a run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.exit import exit_code
from assay.cli.parser import command_parser
from assay.config.errors import UserError

if TYPE_CHECKING:
    from assay.store.run import RunFolder

__all__ = ["SUMMARY", "main"]

SUMMARY = "rebuild tables, figures and reports from stored results"

EXAMPLES = """\
examples:
  python -m platform.report runs/table5               writes runs/table5/report.html, figures and tables
  python -m platform.report runs/table5 --notebook    an executed Jupyter notebook of it as well
  python -m platform.report runs/search-NAMES-HASH    the report of a search
  python -m platform.report runs/table5 runs/other    runs side by side: writes runs/table5/comparison.html

report.html needs nothing else: pictures are inside, it opens without a network and prints well. figures/ holds every
figure as PNG and PDF. A run that has not finished is reported as far as it is; the report says what is missing.
comparison.html has what may not be compared between the runs, the verdicts of the same cells, and what was different.
"""


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 if the report is written."""
    options = _parser().parse_intermixed_args(argv)
    from assay.evidence.report.report import write_report
    from assay.store.run import RunFolder

    run = RunFolder(options.run)
    if options.others:
        return _compare(run, list(map(RunFolder, options.others)), notebook=options.notebook)
    print(f"written: {write_report(run)}")
    if options.notebook:
        from assay.evidence.report.notebook import write_notebook

        print(f"written: {write_notebook(run)}")
    return 0


def _compare(run: RunFolder, others: list[RunFolder], *, notebook: bool) -> int:
    """Write the page of several runs."""
    from assay.evidence.report.compared import write_comparison

    if notebook:
        raise UserError("--notebook is of one run: analysis/reports/comparison.ipynb is the notebook of two")
    print(f"written: {write_comparison([run, *others])}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("report", SUMMARY, EXAMPLES)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run, such as runs/table5")
    parser.add_argument(
        "others", nargs="*", type=Path, metavar="OTHER", help="further runs, to be compared with the first"
    )
    parser.add_argument("--notebook", action="store_true", help="write an executed notebook too (extra: notebook)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
