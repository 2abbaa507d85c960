"""How often the intervals of a design's effects hold the true effect, on simulated rows whose truth is known."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analysis.calibration.scenarios import BATCH, METRICS, SHAPES
from assay.design.cells import every, pairs, passed
from assay.design.design import Design, Part
from assay.design.effects import effects_of, share_weights_by_pair
from assay.design.fraction import fraction
from assay.evidence.statistics.correction import ALPHA, corrected
from assay.evidence.statistics.interval import Spread, limits, p_values
from assay.evidence.statistics.parts.contrasts import contrast_spread
from assay.evidence.statistics.variance import crossed

__all__ = ["DESIGNS", "NOISES", "Coverage", "Noise", "Spreading", "apart", "coverage", "drawn_coverage", "simulated"]

Array = NDArray[np.float64]
Spreading = Callable[[Array, Array], Spread]

IMAGES = 50
MAIN, INTERACTION = (1.0, -0.5, 0.25), 0.8  # what parts are worth, the rest nothing; and the first two together


@dataclass(frozen=True)
class Noise:
    """What values of design's rows are made of: y = mean + a_s + b_i + A_cs + B_ci + e_csi, c a row.

    Attributes:
        seed, image: standard deviation of A and of B, which each row has by itself.
        common: of a and of b, which all rows have in common, in these units.
        rest: of e.
        part_seed: of what a seed does to all rows that have a part, for each part.
        shape: of the distribution of A, in `SHAPES`.
        first: factor on the variance of A in the first row.
        images: how many.
    """

    seed: float
    image: float
    rest: float
    common: float = 1.0
    part_seed: float = 0.0
    shape: str = "normal"
    first: float = 1.0
    images: int = IMAGES


_SEEDS = Noise(1.0, 0.5, 0.5)
NOISES: Mapping[str, Noise] = {
    "seeds the larger part": _SEEDS,
    "one row x 10": replace(_SEEDS, first=10.0),
    "seeds move parts": replace(_SEEDS, part_seed=1.0),
    "one in five collapses": replace(_SEEDS, shape="collapsing"),
    "heavy tails (t, 3 df)": replace(_SEEDS, shape="heavy tails"),
    "images the larger part": Noise(0.02, 1.0, 0.3),
    "images and seeds alike": Noise(0.14, 1.0, 1.0),
    "images, 12 of them": Noise(0.02, 1.0, 0.3, images=12),
}


def _design(kind: str, cells: list[tuple[int, ...]], orders: tuple[tuple[int, ...], ...] = ()) -> Design:
    parts = tuple(Part(f"part{n}", f"part {n}") for n in range(len(cells[0])))
    names = {f"row{n}": cell for n, cell in enumerate(cells)}
    return Design(kind, parts, names, orders=orders)  # type: ignore[arg-type]


def _fraction(parts: int, cells: int) -> Design:
    return _design("factorial", [tuple(map(int, cell)) for cell in fraction(parts, cells)])


DESIGNS: Mapping[str, Design] = {
    "2^3": _design("factorial", every(3)),
    "2^(4-1)": _fraction(4, 8),
    "2^(5-1)": _fraction(5, 16),
    "pairs, 4 parts": _design("pairs", pairs(4)),
    "Shapley, 3 parts": _design("shapley", every(3)),
    "Shapley, 4 parts": _design("shapley", every(4)),
}


@dataclass(frozen=True)
class Coverage:
    """Shares of 0 to 1.

    Attributes:
        worst, mean: of the 95 % intervals that hold the true effect: of the effect in which it is least, and over all.
        most: of the effect in which it is most.
        false: of tables of four metrics in which some effect that is none gets a word, if words come with so many
            seeds.
    """

    worst: float
    mean: float
    most: float
    false: float


def coverage(
    design: Design, noise: Noise, seeds: int, tables: int, rng: Generator, of: Spreading | None = None
) -> Coverage:
    """Of simulated tables, four metrics each.

    Args:
        design: whose effects.
        noise: of its rows.
        seeds, tables: how many.
        rng: of the noise.
        of: another spread, from the values of shape (tables, metrics, rows, seeds, images) and the weights.
    """
    weights = np.array([effect.weights for effect in effects_of(design)])
    true = weights @ _means(design)
    held, false = [], []
    for values in _batches(design, noise, seeds, tables, rng):
        effects = crossed(_contrasts(weights, values))
        spread = contrast_spread(effects) if of is None else of(values, weights)
        low, high = limits(effects.mean, spread)
        held.append((low <= true) & (true <= high))
        false.append(_any_false(effects.mean - true, spread, seeds))
    of_effect = np.concatenate(held).mean((0, 1))
    rates = float(of_effect.min()), float(of_effect.mean()), float(of_effect.max())
    return Coverage(*rates, float(np.concatenate(false).mean()))


def drawn_coverage(parts: int, orders: int, noise: Noise, seeds: int, tables: int, rng: Generator) -> Coverage:
    """Of shares by orders that are drawn anew for every table; what parts are worth depends much on the others.

    Args:
        parts, orders: of the design.
        noise, seeds, tables, rng: as for `coverage`.
    """
    whole = _design("shapley", every(parts))
    held = []
    for _ in range(tables):
        worth = dict(zip(whole.cells.values(), 2 * rng.normal(size=len(whole.cells)), strict=True))
        design = _drawn(parts, orders, rng)
        means = np.array([worth[cell] for cell in design.cells.values()])
        true = np.array([each.weights for each in effects_of(whole)]) @ np.array(list(worth.values()))
        values = simulated(design, noise, seeds, 1, rng)[0, :1] + means[:, None, None]
        by_pair = (share_weights_by_pair(design) @ values.mean((0, -1, -2))).T
        pairs = np.vstack([by_pair, np.zeros((1, by_pair.shape[1]))])
        effects = crossed(_contrasts(np.array([each.weights for each in effects_of(design)]), values))
        low, high = limits(effects.mean, contrast_spread(effects, pairs=pairs))
        held.append(((low <= true) & (true <= high))[0])
    of_effect = np.array(held).mean(0)[:parts]
    return Coverage(float(of_effect.min()), float(of_effect.mean()), float(of_effect.max()), np.nan)


def apart(values: Array, weights: Array) -> Spread:
    """What is wrong: the sum of the rows' own variances, as if they had nothing in common."""
    own, squares = crossed(values), np.square(weights)
    seeds, images = values.shape[-2:]
    return Spread(
        own.seeds @ squares.T / seeds, np.array(seeds - 1), own.images @ squares.T / images, images - 1, np.array(0.0)
    )


def simulated(design: Design, noise: Noise, seeds: int, tables: int, rng: Generator) -> Array:
    """Noise of a design's rows, shape (tables, metrics, rows, seeds, images)."""
    rows, images, many = len(design.cells), noise.images, (tables, METRICS)
    of_seed = noise.seed * SHAPES[noise.shape](rng, (*many, rows, seeds, 1))
    of_seed[:, :, 0] *= np.sqrt(noise.first)
    of_parts = noise.part_seed * rng.normal(size=(*many, len(design.parts), seeds))
    values = of_seed + np.einsum("cp,tmps->tmcs", design.levels, of_parts)[..., None]
    values = values + noise.common * noise.seed * rng.normal(size=(*many, 1, seeds, 1))
    values = values + noise.image * rng.normal(size=(*many, rows, 1, images))
    values += noise.common * noise.image * rng.normal(size=(*many, 1, 1, images))
    return np.asarray(values + noise.rest * rng.normal(size=values.shape))


def _batches(design: Design, noise: Noise, seeds: int, tables: int, rng: Generator) -> Iterator[Array]:
    for done in range(0, tables, BATCH):
        values = simulated(design, noise, seeds, min(BATCH, tables - done), rng)
        yield values + _means(design)[:, None, None]


def _means(design: Design) -> Array:
    """True values of the rows: main effects and one interaction."""
    worth = np.zeros(len(design.parts))
    worth[: len(MAIN)] = MAIN
    return np.asarray(design.levels @ worth + INTERACTION * design.levels[:, :2].prod(1))


def _contrasts(weights: Array, values: Array) -> Array:
    return np.einsum("ec,...csi->...esi", weights, values)


def _any_false(mean: Array, spread: Spread, seeds: int) -> NDArray[np.bool_]:
    """Tables with a word, if no effect is there."""
    p = p_values(mean, spread).reshape(len(mean), -1)
    adjusted, _ = corrected(p, np.full(p.shape, np.nan), seeds)
    return np.asarray((adjusted < ALPHA).any(-1))


def _drawn(parts: int, orders: int, rng: Generator) -> Design:
    draws, drawn = random.Random(int(rng.integers(2**32))), []
    for _ in range(orders // 2):
        order = tuple(draws.sample(range(parts), parts))
        drawn += [order, order[::-1]]
    return _design("shapley", passed(drawn), tuple(drawn))
