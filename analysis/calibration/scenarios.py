"""What the noise of a table may be like, and tables in which no row truly differs from the base."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

__all__ = ["IMAGES", "METRICS", "RESTLESS", "SCENARIOS", "SEEDS", "SHAPES", "Scenario", "batches", "simulate"]

Array = NDArray[np.float64]

METRICS, SEEDS = 4, (2, 3, 4, 5, 6, 8, 10)
BATCH = 200  # tables that are held in memory at once


@dataclass(frozen=True)
class Scenario:
    """What the values of a table are made of.

    Attributes:
        seed, image, rest: standard deviation of a training's effect on all its images, of what a row does to an image
            whatever the seed, and of one image under one seed.
        seed_shape, image_shape: name of their distribution in `SHAPES`.
        first_shape: that of the first row's trainings, if it is another.
        base, first, last: factor on the variance between trainings, of the base, the first and the last row.
        base_image: factor on `image` for the base.
        rows, images: of the table; the base is not counted.
    """

    seed: float
    image: float
    rest: float
    seed_shape: str = "normal"
    image_shape: str = "normal"
    first_shape: str = ""
    base: float = 1.0
    first: float = 1.0
    last: float = 1.0
    base_image: float = 1.0
    rows: int = 7
    images: int = 50

    @property
    def restlessness(self) -> Array:
        """Factor on the variance between trainings, of the base and then of every row."""
        factors = np.ones(self.rows + 1)
        factors[0], factors[-1] = self.base, self.last
        factors[1] *= self.first
        return factors

    def errors(self, seeds: int) -> Array:
        """True standard error of every row's difference to the base."""
        factors = self.restlessness
        of_seed = self.seed**2 * (factors[0] + factors[1:]) / seeds
        of_image = self.image**2 * (1 + self.base_image**2) / self.images
        return np.asarray(np.sqrt(of_seed + of_image + 2 * self.rest**2 / (seeds * self.images)))


def _collapsing(rng: Generator, shape: tuple[int, ...]) -> Array:
    """One training in five collapses; the others lie close together."""
    return np.sqrt(0.98) * ((rng.random(shape) < 0.2) - 0.2) / 0.4 + np.sqrt(0.02) * rng.normal(size=shape)


def _lognormal(rng: Generator, shape: tuple[int, ...]) -> Array:
    """Skewness 6.2."""
    return (np.exp(rng.normal(size=shape)) - np.exp(0.5)) / np.sqrt((np.e - 1) * np.e)


SHAPES: Mapping[str, Callable[[Generator, tuple[int, ...]], Array]] = {  # mean 0, variance 1
    "normal": lambda rng, shape: rng.normal(size=shape),
    "skewed": lambda rng, shape: rng.exponential(size=shape) - 1,  # skewness 2
    "lognormal": _lognormal,
    "heavy tails": lambda rng, shape: rng.standard_t(3, size=shape) / np.sqrt(3),
    "collapsing": _collapsing,
}

_EQUAL = Scenario(1.0, 0.5, 0.5)
RESTLESS: Mapping[str, Scenario] = {  # trainings are the larger part
    "equal rows": _EQUAL,
    "one row x 10": replace(_EQUAL, first=10.0),
    "one row x 100": replace(_EQUAL, first=100.0),
    "base x 10": replace(_EQUAL, base=10.0),
    "last row x 10": replace(_EQUAL, last=10.0),
    "last row and base x 1/10": replace(_EQUAL, base=0.1, last=0.1),
    "one in five collapses": replace(_EQUAL, seed_shape="collapsing"),
    "heavy tails (t, 3 df)": replace(_EQUAL, seed_shape="heavy tails"),
    "lognormal": replace(_EQUAL, seed_shape="lognormal"),
}
IMAGES: Mapping[str, Scenario] = {
    "images matter most": Scenario(0.02, 1.0, 0.3),
    "images, skewed (skewness 2)": Scenario(0.02, 1.0, 0.3, image_shape="skewed", base_image=0.3),
    "images, heavy tails (t, 3 df)": Scenario(0.02, 1.0, 0.3, image_shape="heavy tails"),
    "images, 12 of them": Scenario(0.02, 1.0, 0.3, images=12),
    "images, 12 of them, skewed": Scenario(0.02, 1.0, 0.3, image_shape="skewed", base_image=0.3, images=12),
    "images and seeds alike": Scenario(0.14, 1.0, 1.0),
    "neither, only the rest": Scenario(0.0, 0.0, 1.0),
}
SCENARIOS: Mapping[str, Scenario] = {
    **{f"{name}, {rows} rows": replace(each, rows=rows) for name, each in RESTLESS.items() for rows in (2, 7)},
    "a single row": replace(_EQUAL, rows=1),
    "one row alone collapses, 7 rows": replace(_EQUAL, first=25.0, first_shape="collapsing"),
    **IMAGES,
}


def simulate(scenario: Scenario, seeds: int, tables: int, rng: Generator) -> Array:
    """Values of tables in which no row truly differs, shape (tables, metrics, rows + 1, seeds, images), base first."""
    rows, images = scenario.rows + 1, scenario.images
    heterogeneity = np.ones(rows)
    heterogeneity[0] = scenario.base_image
    of_seed = SHAPES[scenario.seed_shape](rng, (tables, METRICS, rows, seeds, 1))
    of_image = SHAPES[scenario.image_shape](rng, (tables, METRICS, rows, 1, images))
    if scenario.first_shape:
        of_seed[:, :, 1] = SHAPES[scenario.first_shape](rng, (tables, METRICS, seeds, 1))
    values = scenario.rest * rng.normal(size=(tables, METRICS, rows, seeds, images))
    values += scenario.seed * of_seed * np.sqrt(scenario.restlessness)[:, None, None]
    values += scenario.image * of_image * heterogeneity[:, None, None]
    return values


def batches(scenario: Scenario, seeds: int, tables: int, rng: Generator) -> Iterator[Array]:
    """The same in parts."""
    for done in range(0, tables, BATCH):
        yield simulate(scenario, seeds, min(BATCH, tables - done), rng)
