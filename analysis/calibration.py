"""``python -m analysis.calibration [TABLES]``: how often verdicts are wrong, on simulated tables whose truth is known.

Every simulated table has rows and a base, seeds and images, and goes through the same functions as a measured one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from assay.cli.exit import exit_code
from assay.config.errors import UserError
from assay.evidence.statistics.differences import Differences, differences
from assay.evidence.statistics.interval import holm, limits, p_values
from assay.evidence.statistics.variance import crossed
from assay.evidence.statistics.verdict import ALPHA

__all__ = ["SCENARIOS", "SEEDS", "Scenario", "error_rates", "main", "power", "simulate"]

Array = NDArray[np.float64]

METRICS, SEEDS = 4, (1, 3, 5, 10)


@dataclass(frozen=True)
class Scenario:
    """What the values of a table are made of.

    Attributes:
        seed, image, rest: standard deviation of a training's effect on all its images, of what a row does to an image
            whatever the seed, and of one image under one seed.
        seed_shape, image_shape: name of their distribution in `SHAPES`.
        base_noise, row_noise: factor on `seed` for the base, and for the first row.
        base_image: factor on `image` for the base.
        rows, images: of the table; the base is not counted.
    """

    seed: float
    image: float
    rest: float
    seed_shape: str = "normal"
    image_shape: str = "normal"
    base_noise: float = 1.0
    row_noise: float = 1.0
    base_image: float = 1.0
    rows: int = 7
    images: int = 50

    def error(self, seeds: int) -> float:
        """True standard error of the difference of an ordinary row to the base."""
        of_seed = self.seed**2 * (1 + self.base_noise**2) / seeds
        of_image = self.image**2 * (1 + self.base_image**2) / self.images
        return float(np.sqrt(of_seed + of_image + 2 * self.rest**2 / (seeds * self.images)))


SHAPES: Mapping[str, Callable[[Generator, tuple[int, ...]], Array]] = {  # mean 0, variance 1
    "normal": lambda rng, shape: rng.normal(size=shape),
    "skewed": lambda rng, shape: rng.exponential(size=shape) - 1,  # skewness 2
    "heavy tails": lambda rng, shape: rng.standard_t(3, size=shape) / np.sqrt(3),
}

SCENARIOS: Mapping[str, Scenario] = {
    "images matter most": Scenario(0.02, 1.0, 0.3),
    "images, skewed (skewness 2)": Scenario(0.02, 1.0, 0.3, image_shape="skewed", base_image=0.3),
    "images, heavy tails (t, 3 df)": Scenario(0.02, 1.0, 0.3, image_shape="heavy tails"),
    "images, 12 of them": Scenario(0.02, 1.0, 0.3, images=12),
    "images, 12 of them, skewed": Scenario(0.02, 1.0, 0.3, image_shape="skewed", base_image=0.3, images=12),
    "images and seeds alike": Scenario(0.14, 1.0, 1.0),
    "seeds matter most": Scenario(1.0, 0.5, 0.5),
    "seeds, skewed (skewness 2)": Scenario(1.0, 0.5, 0.5, seed_shape="skewed"),
    "seeds, base three times as restless": Scenario(1.0, 0.5, 0.5, base_noise=3.0),
    "seeds, one row three times as restless": Scenario(1.0, 0.5, 0.5, row_noise=3.0),
    "seeds, a single row": Scenario(1.0, 0.5, 0.5, rows=1),
    "neither, only the rest": Scenario(0.0, 0.0, 1.0),
}
EFFECT = 5.0  # true difference where power is asked for, in true standard errors at EFFECT_SEEDS seeds
EFFECT_SEEDS = 5


def simulate(scenario: Scenario, seeds: int, tables: int, rng: Generator) -> Array:
    """Values of tables in which no row truly differs, shape (tables, metrics, rows + 1, seeds, images), base first."""
    rows, images = scenario.rows + 1, scenario.images
    noise, heterogeneity = np.ones(rows), np.ones(rows)
    noise[:2], heterogeneity[0] = (scenario.base_noise, scenario.row_noise), scenario.base_image
    of_seed = SHAPES[scenario.seed_shape](rng, (tables, METRICS, rows, seeds, 1)) * noise[:, None, None]
    of_image = SHAPES[scenario.image_shape](rng, (tables, METRICS, rows, 1, images)) * heterogeneity[:, None, None]
    rest = rng.normal(size=(tables, METRICS, rows, seeds, images))
    return scenario.seed * of_seed + scenario.image * of_image + scenario.rest * rest


def error_rates(scenario: Scenario, seeds: int, tables: int, rng: Generator) -> tuple[float, float]:
    """What goes wrong where no row truly differs.

    Returns:
        The share of intervals that hold the true difference, 0 (nan with one seed, which has no intervals), and the
        share of tables with at least one word other than "not resolved".
    """
    judged = _judged(simulate(scenario, seeds, tables, rng))
    low, high = limits(judged.mean, judged.spread())
    covered = float(np.mean((low <= 0) & (high >= 0))) if seeds > 1 else np.nan
    # Holm's first step: something is resolved exactly if the smallest p is below ALPHA / number of cells.
    low, high = limits(judged.mean, judged.spread(), 1 - ALPHA / judged.mean[0].size)
    return covered, float(((low > 0) | (high < 0)).any((-1, -2)).mean())


def power(scenario: Scenario, seeds: int, tables: int, rng: Generator) -> float:
    """Share of cells that are called better in the last row, which truly is: by EFFECT standard errors."""
    values = simulate(scenario, seeds, tables, rng)
    values[:, :, -1] += EFFECT * scenario.error(EFFECT_SEEDS)
    judged = _judged(values)
    return float((_resolved(judged)[..., -1] & (judged.mean[..., -1] > 0)).mean())


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Print the table of docs/calibration.md."""
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) > 1 or not all(argument.isdecimal() and int(argument) for argument in arguments):
        raise UserError("expected a number of tables; usage: python -m analysis.calibration [TABLES]")
    tables = int(arguments[0]) if arguments else 2000
    sys.stdout.write("| what the noise is like | seeds | intervals that cover | tables with a false word | power |\n")
    sys.stdout.write("| --- | ---: | ---: | ---: | ---: |\n")
    for name, scenario in SCENARIOS.items():
        for seeds in SEEDS:
            errors = error_rates(scenario, seeds, tables, np.random.default_rng([2025, seeds]))
            found = power(scenario, seeds, tables, np.random.default_rng([2025, seeds]))
            cells = " | ".join(_percent(rate) for rate in (*errors, found))
            sys.stdout.write(f"| {name} | {seeds} | {cells} |\n")
            sys.stdout.flush()
    return 0


def _judged(values: Array) -> Differences:
    tables = crossed(values[:, :, 1:] - values[:, :, :1])
    own = crossed(values).seeds
    return differences(tables, own[..., 1:], own[..., 0])


def _resolved(judged: Differences) -> NDArray[np.bool_]:
    """Whether each cell gets a word, corrected over its own table; shape (tables, metrics, rows)."""
    p = p_values(judged.mean, judged.spread())
    return np.stack([holm(table) < ALPHA for table in p])


def _percent(rate: float) -> str:
    return "none" if np.isnan(rate) else f"{100 * rate:.1f} %"


if __name__ == "__main__":
    raise SystemExit(main())
