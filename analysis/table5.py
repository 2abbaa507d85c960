"""``python -m analysis.table5 RUN``: print a run's table as Markdown, and write it as Markdown, CSV and LaTeX."""

from __future__ import annotations

import sys

from analysis.given_run import given_run
from assay.cli.exit import exit_code

__all__ = ["main"]

USAGE = "usage: python -m analysis.table5 RUN\n\nRUN is a folder that an ablation wrote, such as runs/table5."


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Returns 0, or 2 with one line on stderr if RUN cannot be read."""
    from assay.evidence.tables.render import write_tables

    if (run := given_run(argv, USAGE)) is None:
        return 0
    paths = write_tables(run)
    sys.stdout.write(paths[0].read_text(encoding="utf-8"))
    sys.stderr.write("".join(f"written: {path}\n" for path in paths))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
