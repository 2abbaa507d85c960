"""`python -m platform.report`: tables, figures and one HTML page of a run."""

from __future__ import annotations

import argparse
from pathlib import Path

from assay.cli.exit import exit_code
from assay.cli.parser import command_parser

__all__ = ["SUMMARY", "main"]

SUMMARY = "rebuild tables, figures and reports from stored results"

EXAMPLES = """\
examples:
  python -m platform.report runs/table5               writes runs/table5/report.html, figures and tables
  python -m platform.report runs/table5 --notebook    an executed Jupyter notebook of it as well
  python -m platform.report runs/search-NAMES-HASH    the report of a search

report.html needs nothing else: pictures are inside, it opens without a network and prints well. figures/ holds every
figure as PNG and PDF. A run that has not finished is reported as far as it is; the report says what is missing.
"""


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 if the report is written."""
    options = _parser().parse_args(argv)
    from assay.evidence.report.report import write_report
    from assay.store.run import RunFolder

    run = RunFolder(options.run)
    print(f"written: {write_report(run)}")
    if options.notebook:
        from assay.evidence.report.notebook import write_notebook

        print(f"written: {write_notebook(run)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("report", SUMMARY, EXAMPLES)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run, such as runs/table5")
    parser.add_argument("--notebook", action="store_true", help="write an executed notebook too (extra: notebook)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
