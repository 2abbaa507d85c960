"""How often words are wrong where seeds are added until it is decided, and what that saves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analysis.calibration.rates import EFFECT, LARGE, MARGIN, UNIT_SEEDS, p_of, shifted
from analysis.calibration.scenarios import RESTLESS, Scenario, batches
from assay.evidence.statistics.correction import ALPHA
from assay.evidence.statistics.differences import Differences, differences
from assay.evidence.statistics.looks import at_look, declared_looks
from assay.evidence.statistics.variance import Crossed, crossed
from assay.store.run.looks import Look

__all__ = ["FALSE", "FIXED", "SAVED", "TRUE", "Saved", "Words", "false_words", "saved", "sequence"]

Array = NDArray[np.float64]
Counts = NDArray[np.int_]

DECLARED = declared_looks()
UNSPENT = tuple(Look(look.seeds, 1.0) for look in DECLARED)
EVERY_SEED = tuple(Look(seeds, 1.0) for seeds in range(3, DECLARED[-1].seeds + 1))
FIXED = 10  # seeds that looks are held against
NONE, DIFFERENT, SAME = 0, 1, 2

TRUE: Sequence[tuple[int, ...]] = (  # true differences of seven rows, in standard errors with UNIT_SEEDS seeds
    (12, 12, 12, 12, 8, 8, 0),
    (12, 8, 8, 8, 8, 5, 0),
    (0, 0, 0, 0, 0, 0, 0),
    (12, 12, 8, 0, 0, 0, 0),
    (8, 8, 8, 5, 5, 5, 0),
    (8, 5, 3, 0, 0, 0, 0),
)


@dataclass(frozen=True)
class Words:
    """What looks gave.

    Attributes:
        words: NONE, DIFFERENT or SAME of every cell, shape (tables, metrics, rows).
        trainings: of each table, the base's among them.
    """

    words: Counts
    trainings: Counts


@dataclass(frozen=True)
class Saved:
    """Of tables whose rows truly differ.

    Attributes:
        with_margins, without: trainings by those of FIXED seeds for every row.
        found, found_fixed: share of cells that get their word, with margins: of those that differ by five standard
            errors, or by the next that there is; equivalent where nothing differs. With looks, and with FIXED seeds.
    """

    with_margins: float
    without: float
    found: float
    found_fixed: float


def sequence(values: Array, looks: Sequence[Look], true: Array | float = 0.0, margin: Array | float = np.nan) -> Words:
    """Look at tables; a row gets no further seeds once all its cells have a word.

    Args:
        values: shape (tables, metrics, rows + 1, seeds, images), base first, with the most seeds of any look.
        looks: in order.
        true: added to the differences, an entry per row.
        margin: for each row, or none.
    """
    seeds = np.array([look.seeds for look in looks])
    parts = [_at(values, look.seeds) for look in looks]
    shape = parts[0][0].mean.shape
    reached = np.zeros((shape[0], shape[-1]), dtype=int)  # the last look of each row
    left, words = np.ones(reached.shape, dtype=bool), np.zeros(shape, dtype=int)
    before = before_equal = np.full((shape[0], shape[1] * shape[2]), np.nan)
    for place, look in enumerate(looks):
        reached = np.where(left, place, reached)
        table = shifted(_composed(parts[: place + 1], seeds, reached), np.asarray(true))
        p, equal = (each.reshape(before.shape) for each in p_of(table, np.broadcast_to(margin, shape), look.share))
        before, before_equal = at_look(p, equal, look.seeds, look.share, before, before_equal)
        now = np.where(before_equal < ALPHA, SAME, np.where(before < ALPHA, DIFFERENT, NONE)).reshape(shape)
        words = np.where(words == NONE, now, words)
        left = left & (words == NONE).any(1)
    return Words(words, seeds[reached].sum(-1) + seeds[reached.max(-1)])


def _at(values: Array, seeds: int) -> tuple[Crossed, Array]:
    """Differences with so many seeds, and every row's own variance."""
    some = values[..., :seeds, :]
    return crossed(some[:, :, 1:] - some[:, :, :1]), crossed(some).seeds


def _composed(parts: Sequence[tuple[Crossed, Array]], seeds: Counts, reached: Counts) -> Differences:
    """Tables whose rows have different numbers of seeds; the base has the most."""

    def of_rows(each: Sequence[Array]) -> Array:
        return np.take_along_axis(np.stack(each), reached[None, :, None, :], axis=0)[0]

    names = ("mean", "seeds", "images", "rest", "skewness")
    tables = {name: of_rows([getattr(table, name) for table, _ in parts]) for name in names}
    own = of_rows([each[..., 1:] for _, each in parts])
    n_seeds = np.broadcast_to(seeds[reached][:, None], own.shape)
    return differences(
        Crossed(**tables, n_seeds=n_seeds, n_images=parts[0][0].n_images, effective_images=None),
        own,
        parts[-1][1][..., 0],
    )


def false_words(scenario: Scenario, question: str, tables: int, rng: Generator) -> float:
    """Share of tables with a false word at any look, whoever stops when.

    Args:
        scenario: of the noise.
        question: one of FALSE.
    """
    looks, null, margins = FALSE[question]
    unit = scenario.errors(UNIT_SEEDS)
    true = np.where(np.arange(scenario.rows) >= null, LARGE * unit, 0.0) if null else np.zeros(scenario.rows)
    wrong = [
        ((sequence(values, looks, true, MARGIN * unit if margins else np.nan).words == DIFFERENT) & (true == 0)).any(
            (1, 2)
        )
        for values in batches(scenario, looks[-1].seeds, tables, rng)
    ]
    return float(np.concatenate(wrong).mean())


FALSE: Mapping[str, tuple[Sequence[Look], int, bool]] = {  # looks, how many rows are null (0: all), margins
    "shares of the 5 %": (DECLARED, 0, False),
    "5 % at each": (UNSPENT, 0, False),
    "5 % after every seed, 3 to 11": (EVERY_SEED, 0, False),
    "one row null, others stopped": (DECLARED, 1, False),
    "the same, with margins": (DECLARED, 1, True),
    "one row null, 5 % at each": (UNSPENT, 1, False),
}


def saved(effects: Sequence[int], tables: int, rng: Generator) -> Saved:
    """What looks cost and find where seven equal rows truly differ by so many standard errors."""
    scenario = RESTLESS["equal rows"]
    unit = scenario.errors(UNIT_SEEDS)
    true, margin, fixed = np.array(effects) * unit, MARGIN * unit, (Look(FIXED, 1.0),)
    parts = [
        (
            sequence(values, DECLARED, true, margin),
            sequence(values, DECLARED, true),
            sequence(values, fixed, true, margin),
        )
        for values in batches(replace(scenario, rows=len(effects)), DECLARED[-1].seeds, tables, rng)
    ]
    least = min((effect for effect in effects if effect >= EFFECT), default=0)
    wanted, word = np.array(effects) == least, DIFFERENT if least else SAME
    whole = FIXED * (len(effects) + 1)
    trainings = [np.concatenate([part[kind].trainings for part in parts]).mean() / whole for kind in (0, 1)]
    found = [float(np.concatenate([part[k].words[..., wanted] == word for part in parts]).mean()) for k in (0, 2)]
    return Saved(*map(float, trainings), *found)


SAVED: Mapping[str, Callable[[Saved], float]] = {
    "trainings, with margins": lambda found: found.with_margins,
    "without": lambda found: found.without,
    "words, with margins": lambda found: found.found,
    "words with ten seeds": lambda found: found.found_fixed,
}
