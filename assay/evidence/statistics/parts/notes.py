"""What is said below the effects of a design: how they were taken, and what they cannot tell."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from assay.design.design import Design
from assay.design.sentences import sentences
from assay.evidence.measurements import Measurements, shortened

__all__ = ["FEWEST_EFFECT_SEEDS", "contrast_notes"]

FEWEST_EFFECT_SEEDS = 5  # with fewer, trainings that sometimes collapse give a false word to more than 5 % of tables

_MEANINGS = {
    "factorial": "The effect of a part: the mean of the rows that have it less the mean of those that do not. Two "
    "parts interact: half the difference between the effect of one with the other and without it.",
    "pairs": "The effect of a part: {base} less the row without it. Two parts interact: the effect of one with the "
    "other less its effect without it, everything else being as in {base}.",
    "add-one": "The effect of a part: the row that has it alone less the row that has none. Beyond the sum: {base} "
    "less that row, less all these effects.",
    "shapley": "The share of a part: what adding it brings, the mean over the orders of adding the parts. The shares "
    "add up to all together, which is {base} less the row without any.",
}
_WORDS = "Effects are of having a part, not of taking it out; it is better if the metric is better with it"
_INTERACT = ", and an interaction if the two together do better than their sum"


def contrast_notes(data: pd.DataFrame, design: Design, measured: Measurements, level: float) -> Iterator[str]:
    """One sentence or two each.

    Args:
        data: the lines, see `Contrasts`.
        design: of the run.
        measured: of the run.
        level: of the intervals.
    """
    yield from sentences(design)
    yield _MEANINGS[design.kind].format(base=measured.base_title)
    yield f"{_WORDS}{_INTERACT if (data['sort'] == 'interaction').any() else ''}."
    yield from _missing(data, design, measured)
    if not data["p"].notna().any():
        return
    further = f"further seeds and further {measured.record.sample}s" if measured.images else "further seeds"
    yield f"Intervals are {100 * level:g} % for each effect by itself, over {further}, from its own spread."
    if worded := int(data["p_adjusted"].notna().sum()):
        yield (
            f"Words are corrected by Holm's method over {worded} effects, apart from those of the table of rows: any "
            "false word among them has a chance of 5 %."
        )
    if data["n_seeds"].min() < FEWEST_EFFECT_SEEDS:
        yield (
            f"With fewer than {FEWEST_EFFECT_SEEDS} seeds effects have intervals and no words: one training of several "
            "may collapse, and each effect has its own few seeds alone."
        )
    if design.orders:
        yield "Intervals hold what other orders would have given too."


def _missing(data: pd.DataFrame, design: Design, measured: Measurements) -> Iterator[str]:
    """Seeds that some row lacks."""
    seeds = {row: measured.seeds(row) for row in design.rows}
    every = {seed for found in seeds.values() for seed in found}
    lacking = [row for row, found in seeds.items() if len(found) < len(every)]
    if not lacking or not len(data):
        return
    least, most = data["n_seeds"].min(), data["n_seeds"].max()
    count = f"{least}" if least == most else f"{least} to {most}"
    yield (
        f"An effect is taken over the seeds that all of its rows have, here {count} of {len(every)}: "
        f"{shortened(lacking)} lack some."
    )
