"""How many simulations a command is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from assay.config.errors import UserError

__all__ = ["number_asked"]


def number_asked(argv: Sequence[str] | None, default: int, what: str, usage: str) -> int:
    """The one word of a command as a number.

    Raises:
        UserError: it is none, or there are several.
    """
    given = sys.argv[1:] if argv is None else argv
    if len(given) > 1 or not all(word.isdecimal() and int(word) for word in given):
        raise UserError(f"expected a number of {what}; usage: python -m {usage} [{what.upper()}]")
    return int(given[0]) if given else default
