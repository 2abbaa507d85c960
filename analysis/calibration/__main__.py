"""``python -m analysis.calibration [TABLES]``: how often verdicts are wrong, on simulated tables whose truth is known.

Every simulated table has rows and a base, seeds and images, and goes through the same functions as a measured one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from analysis.calibration.asked import number_asked
from analysis.calibration.effects import DESIGNS, NOISES, Coverage, Spreading, apart, coverage, drawn_coverage
from analysis.calibration.looks import FALSE, SAVED, TRUE, false_words, saved
from analysis.calibration.rates import Rates, rates
from analysis.calibration.scenarios import RESTLESS, SCENARIOS, SEEDS
from assay.cli.exit import exit_code

__all__ = ["FALSE_QUESTION", "LOOKED_AT", "QUESTIONS", "SAVED_QUESTION", "main"]

TABLES = 2000
SEED_COLUMNS = tuple(f"{seeds} seeds" for seeds in SEEDS)
QUESTIONS: Mapping[str, Callable[[Rates], float]] = {
    "intervals of the worst row that cover": lambda found: found.covered,
    "tables with a false word": lambda found: found.false,
    "tables with a false word in the one row that is null": lambda found: found.false_last,
    "power": lambda found: found.found,
    "false equivalents of the worst row": lambda found: found.false_equal,
    "tables with a false word of either kind": lambda found: found.false_mixed,
    "power for equivalence": lambda found: found.equal,
    "power for equivalence, wider margin": lambda found: found.equal_wide,
    "power where there are margins": lambda found: found.found_with_margins,
}
EFFECT_SEEDS = (3, 4, 5, 8)
EFFECTS: Mapping[str, Callable[[Coverage], float]] = {
    "intervals of the worst effect that cover": lambda found: found.worst,
    "intervals of all effects that cover": lambda found: found.mean,
    "tables with a word for an effect that is none, if words come with so few seeds": lambda found: found.false,
}
WRONG = "seeds the larger part"
DRAWN = ((5, 20), (5, 40), (7, 20))  # parts, orders
FALSE_QUESTION = "tables with a false word at looks with 6, 8 and 11 seeds"
LOOKED_AT = tuple(f"{name}, {rows} rows" for name in RESTLESS for rows in (2, 7))
SAVED_QUESTION = "seven rows that truly differ by (errors)"


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Print the tables of docs/calibration.md, and of docs/parts.md."""
    tables = number_asked(argv, TABLES, "tables", "analysis.calibration")
    found = {name: [_rates(name, seeds, tables) for seeds in SEEDS] for name in SCENARIOS}
    for question, of in QUESTIONS.items():
        sys.stdout.write(_table(question, {name: [of(each) for each in line] for name, line in found.items()}))
    _print_effects(tables)
    _print_looks(tables)
    return 0


def _print_looks(tables: int) -> None:
    """The last tables of docs/calibration.md."""
    wrong = {name: [_false(name, looks, tables) for looks in FALSE] for name in LOOKED_AT}
    sys.stdout.write(_table(FALSE_QUESTION, wrong, list(FALSE)))
    spared = {" ".join(map(str, each)): saved(each, tables, np.random.default_rng(2025)) for each in TRUE}
    shares = {name: [of(each) for of in SAVED.values()] for name, each in spared.items()}
    sys.stdout.write(_table(SAVED_QUESTION, shares, list(SAVED)))


def _false(name: str, looks: str, tables: int) -> float:
    _tell(f"{name}, looks with {looks}")
    return false_words(SCENARIOS[name], looks, tables, np.random.default_rng(2025))


def _print_effects(tables: int) -> None:
    """The tables of docs/parts.md."""
    lines = {(design, noise): f"{design}, {noise}" for design in DESIGNS for noise in NOISES}
    found = {line: [_coverage(*key, seeds, tables) for seeds in EFFECT_SEEDS] for key, line in lines.items()}
    columns = [f"{seeds} seeds" for seeds in EFFECT_SEEDS]
    for question, of in EFFECTS.items():
        rates = {name: [of(each) for each in line] for name, line in found.items()}
        sys.stdout.write(_table(question, rates, columns))
    wrong = {name: [_coverage(name, WRONG, seeds, tables, apart).worst for seeds in EFFECT_SEEDS] for name in DESIGNS}
    sys.stdout.write(_table(f"{WRONG}, from the sum of the rows' own variances", wrong, columns))
    drawn = {
        f"{parts} parts, {orders} orders, {noise}": [
            drawn_coverage(parts, orders, NOISES[noise], seeds, tables, _rng(seeds)).worst for seeds in EFFECT_SEEDS
        ]
        for parts, orders in DRAWN
        for noise in (WRONG, "images the larger part")
    }
    sys.stdout.write(_table("shares by drawn orders: intervals of the worst that cover", drawn, columns))


def _coverage(design: str, noise: str, seeds: int, tables: int, of: Spreading | None = None) -> Coverage:
    _tell(f"{design}, {noise}, {seeds} seeds")
    return coverage(DESIGNS[design], NOISES[noise], seeds, tables, _rng(seeds), of)


def _rates(name: str, seeds: int, tables: int) -> Rates:
    _tell(f"{name}, {seeds} seeds")
    return rates(SCENARIOS[name], seeds, tables, _rng(seeds))


def _rng(seeds: int) -> np.random.Generator:
    return np.random.default_rng([2025, seeds])


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")


def _table(question: str, lines: Mapping[str, list[float]], columns: Sequence[str] = SEED_COLUMNS) -> str:
    head = [f"| {question} | {' | '.join(columns)} |", f"| --- |{' ---: |' * len(columns)}"]
    rows = [f"| {name} | {' | '.join(map(_percent, values))} |" for name, values in lines.items()]
    return "\n".join([*head, *rows, "", ""])


def _percent(rate: float) -> str:
    return "–" if np.isnan(rate) else f"{100 * rate:.1f} %"


if __name__ == "__main__":
    raise SystemExit(main())
