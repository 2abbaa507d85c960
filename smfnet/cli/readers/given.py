"""What both ways of reading take from the options, and where they print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from assay.runs import Run

__all__ = ["console", "run_in"]


def run_in(folder: Path | None) -> Run | None:
    """A run of this study, with what makes its networks."""
    if folder is None:
        return None
    import assay
    from smfnet.study import study

    return assay.load_run(folder, study=study())  # type: ignore[return-value]


def console() -> Console:
    """Of stdout, wide enough for a table where it is no terminal."""
    from rich.console import Console

    made = Console()
    made.width = made.width if made.is_terminal else 140
    return made
