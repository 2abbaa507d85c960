"""The line below the rows: how far the whole run is, with a bar, and how long it still takes."""

from __future__ import annotations

from rich.text import Text

from assay.console.amounts import bar, calm, duration
from assay.console.row_lines import cut

__all__ = ["whole_run"]

_LONGEST, _SHORTEST = 24, 4  # of the bar


def whole_run(share: float, done: int, trials: int, passed_s: float, left_s: float | None, width: int) -> Text:
    """`━━━━━━╌╌╌╌  30 of 69 trials, 2 min 10 s, about 3 min 05 s left`, in words that leave room for a bar.

    Args:
        share: of the trials that has ended, running ones in part.
        done: trials that have ended.
        trials: all.
        passed_s: since the run began.
        left_s: None if nobody knows yet.
        width: of the terminal.
    """
    passed, left = duration(passed_s), "" if left_s is None else calm(left_s)
    long = f"{done} of {trials} trials, {passed}" + (f", about {left} left" if left else "")
    short = f"{done}/{trials}, {passed}" + (f", {left} left" if left else "")
    words = next((each for each in (long, short) if len(each) + 2 + _SHORTEST <= width), short)
    room = min(width - len(words) - 2, _LONGEST)
    line = Text(bar(min(share, 1.0), room), style="green") if room >= _SHORTEST else Text()
    return cut(Text.assemble(line, "  " if line else "", (words, "dim italic")), width)
