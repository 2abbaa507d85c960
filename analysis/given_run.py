"""The run that a script of one argument is given."""

from __future__ import annotations

import sys

from assay.config.errors import UserError
from assay.store.run.folder import RunFolder

__all__ = ["given_run"]


def given_run(argv: list[str] | None, usage: str) -> RunFolder | None:
    """The folder that is the only word; None where help was asked for, and was printed.

    Raises:
        UserError: there is another number of words.
    """
    arguments = sys.argv[1:] if argv is None else argv
    if arguments in (["-h"], ["--help"]):
        sys.stdout.write(usage + "\n")
        return None
    if len(arguments) != 1:
        raise UserError(f"expected the folder of one run, got {len(arguments)} arguments; see --help")
    return RunFolder(arguments[0])
