"""``python -m analysis.calibration.proposals [SEQUENCES]``: what an agent keeps that proposes change after change.

The agent sees every verdict and tries to keep whatever it can. Every second time it proposes again, with new seeds, the
change that has looked best so far: on the same images, which favour it as they did before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analysis.calibration.asked import number_asked
from analysis.calibration.rates import UNIT_SEEDS, judged, shifted
from analysis.calibration.scenarios import IMAGES, METRICS, RESTLESS, SHAPES, Scenario
from assay.cli.exit import exit_code
from assay.evidence.statistics.correction import ALPHA, corrected
from assay.evidence.statistics.differences import Differences
from assay.evidence.statistics.interval import p_values
from assay.evidence.statistics.online import level_of, resolved_at

__all__ = ["PROPOSALS", "SEEDS", "Kept", "kept", "main"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

PROPOSALS = 50
SEQUENCES = 2000
SEEDS = (3, 5, 8)
REAL = 10  # place of the one real improvement
EFFECTS = (5.0, 8.0, 12.0)  # of it, in true standard errors at UNIT_SEEDS seeds
_SCENARIOS = {
    name: replace(each, rows=1)
    for name, each in {"equal rows": RESTLESS["equal rows"], **IMAGES}.items()
    if name != "neither, only the rest"
}


@dataclass(frozen=True)
class Kept:
    """Shares of sequences.

    Attributes:
        any: in which a change is kept that alters nothing.
        without: in which one would be if every verdict at 5 % were enough.
        real: effect of a real improvement -> in which it is kept, at place `REAL`.
    """

    any: float
    without: float
    real: dict[float, float]


def kept(scenario: Scenario, seeds: int, sequences: int, rng: Generator) -> Kept:
    """Of simulated sequences of proposals, none of which alters anything.

    Args:
        scenario: of each proposal, whose table has one row.
        seeds: of each.
        sequences: how many.
        rng: source of chance.
    """
    false, without = np.zeros(sequences, dtype=bool), np.zeros(sequences, dtype=bool)
    real = dict.fromkeys(EFFECTS, 0.0)
    for place, table in enumerate(_tables(scenario, seeds, sequences, rng), 1):
        adjusted = _adjusted(table, seeds)
        better = table.mean[..., 0] > 0
        false |= (resolved_at(adjusted, level_of(place)) & better).any(-1)
        without |= ((adjusted < ALPHA) & better).any(-1)
        if place == REAL:
            real = {effect: _found(table, effect * scenario.errors(UNIT_SEEDS), seeds) for effect in EFFECTS}
    return Kept(float(false.mean()), float(without.mean()), real)


def _tables(scenario: Scenario, seeds: int, sequences: int, rng: Generator) -> Iterator[Differences]:
    """A table after another, of all sequences at once: (sequences, metrics, rows)."""
    images = SHAPES[scenario.image_shape]
    shape, each = (sequences, METRICS, 1, 1, scenario.images), np.arange(sequences)
    of_base = scenario.base_image * images(rng, shape)
    tried, looks = np.empty((sequences, 0, METRICS, 1, 1, scenario.images)), np.empty((sequences, 0))
    for place in range(PROPOSALS):
        fresh = images(rng, shape)
        if place % 2:  # again what has looked best
            fresh = tried[each, looks.argmax(1)]
        else:
            tried = np.concatenate([tried, fresh[:, None]], axis=1)
        of_images = np.concatenate([of_base, fresh], axis=2)
        of_seeds = SHAPES[scenario.seed_shape](rng, (sequences, METRICS, 2, seeds, 1))
        values = scenario.rest * rng.normal(size=(sequences, METRICS, 2, seeds, scenario.images))
        table = judged(values + scenario.image * of_images + scenario.seed * of_seeds)
        if place % 2 == 0:
            looks = np.concatenate([looks, (table.mean / table.spread().error).max((1, 2))[:, None]], axis=1)
        yield table


def _adjusted(table: Differences, seeds: int) -> Array:
    """Corrected over each table, a column per metric."""
    p = p_values(table.mean, table.spread())[..., 0]
    return corrected(p, np.full_like(p, np.nan), seeds)[0]


def _found(table: Differences, effect: Array, seeds: int) -> float:
    """The share of sequences that keep a change which is better in the first metric."""
    moved = shifted(table, np.where(np.arange(METRICS)[:, None] == 0, effect, 0.0))
    found = resolved_at(_adjusted(moved, seeds), level_of(REAL)) & (moved.mean[..., 0] > 0)
    return float(found[:, 0].mean())


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Print the table of docs/programs.md."""
    sequences = number_asked(argv, SEQUENCES, "sequences", "analysis.calibration.proposals")
    real = [f"a gain of {effect:g} errors at place {REAL} is kept" for effect in EFFECTS]
    columns = ["seeds", "any of 50 is kept", "at 5 % each", *real]
    sys.stdout.write(f"| {sequences} sequences | {' | '.join(columns)} |\n| --- |{' ---: |' * len(columns)}\n")
    for name, scenario in _SCENARIOS.items():
        for seeds in SEEDS:
            found = kept(scenario, seeds, sequences, np.random.default_rng([2025, seeds]))
            shares = [found.any, found.without, *found.real.values()]
            sys.stdout.write(f"| {name} | {seeds} | {' | '.join(f'{100 * each:.1f} %' for each in shares)} |\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
