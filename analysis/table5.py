"""``python -m analysis.table5 RUN``: print a run's table as Markdown, and write it as Markdown, CSV and LaTeX."""

from __future__ import annotations

import sys
from pathlib import Path

from assay.cli.exit import exit_code
from assay.config.errors import UserError
from assay.store.run import RunFolder

__all__ = ["main"]

USAGE = "usage: python -m analysis.table5 RUN\n\nRUN is a folder that an ablation wrote, such as runs/table5."


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Returns 0, or 2 with one line on stderr if RUN cannot be read."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments in (["-h"], ["--help"]):
        sys.stdout.write(USAGE + "\n")
        return 0
    paths = _write(arguments)
    sys.stdout.write(paths[0].read_text(encoding="utf-8"))
    sys.stderr.write("".join(f"written: {path}\n" for path in paths))
    return 0


def _write(arguments: list[str]) -> list[Path]:
    from assay.evidence.tables.render import write_tables

    if len(arguments) != 1:
        raise UserError(f"expected the folder of one run, got {len(arguments)} arguments; see --help")
    return write_tables(RunFolder(arguments[0]))


if __name__ == "__main__":
    raise SystemExit(main())
