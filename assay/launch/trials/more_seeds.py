"""What more seeds would decide, and what they would take: the last lines of an ablation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.launch.ablation import PlannedAblation
    from assay.runs import Run

__all__ = ["more_seeds_lines"]

FACTORS = (1.5, 2)


def more_seeds_lines(planned: PlannedAblation, run: Run) -> Iterator[str]:
    """A line for half as many seeds more, and for twice as many.

    None where every cell has its word, where looks say themselves what comes next, where something is missing, and of a
    design, whose effects are other cells.
    """
    from assay.evidence.statistics.words import NOT_RESOLVED

    verdicts, seeds = run.verdicts(), planned.config.seeds
    words = verdicts.loc[~verdicts["baseline"].astype(bool), "verdict"]
    if planned.looks or run.record.design or run.unfinished or NOT_RESOLVED not in set(words):
        return
    now = int((~words.isin(["", NOT_RESOLVED])).sum())
    for factor in FACTORS:
        yield from _line(planned, run, math.ceil(factor * seeds), now)


def _line(planned: PlannedAblation, run: Run, seeds: int, now: int) -> Iterator[str]:
    from assay.console.amounts import duration

    told = run.forecast(seeds)
    if told is None:
        return
    seconds = planned.seconds_to(seeds)
    time = f", in about {duration(seconds)} more" if seconds else ""
    span = f"{told.low} to {told.high}" if told.high > told.low else f"{told.low}"
    yield (
        f"the same command with --seeds {seeds}{time}: about {told.decided:.0f} of {told.cells} cells with a word "
        f"({span} in four tables of five), {now} now"
    )
