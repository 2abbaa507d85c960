"""``python -m analysis.calibration [TABLES]``: how often verdicts are wrong, on simulated tables whose truth is known.

Every simulated table has rows and a base, seeds and images, and goes through the same functions as a measured one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import numpy as np

from analysis.calibration.rates import Rates, rates
from analysis.calibration.scenarios import SCENARIOS, SEEDS
from assay.cli.exit import exit_code
from assay.config.errors import UserError

__all__ = ["QUESTIONS", "main"]

TABLES = 2000
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


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Print the tables of docs/calibration.md."""
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) > 1 or not all(argument.isdecimal() and int(argument) for argument in arguments):
        raise UserError("expected a number of tables; usage: python -m analysis.calibration [TABLES]")
    tables = int(arguments[0]) if arguments else TABLES
    found = {name: [_rates(name, seeds, tables) for seeds in SEEDS] for name in SCENARIOS}
    for question, of in QUESTIONS.items():
        sys.stdout.write(_table(question, {name: [of(each) for each in line] for name, line in found.items()}))
    return 0


def _rates(name: str, seeds: int, tables: int) -> Rates:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{name}, {seeds} seeds")
    return rates(SCENARIOS[name], seeds, tables, np.random.default_rng([2025, seeds]))


def _table(question: str, lines: Mapping[str, list[float]]) -> str:
    head = [f"| {question} | {' | '.join(f'{seeds} seeds' for seeds in SEEDS)} |", f"| --- |{' ---: |' * len(SEEDS)}"]
    rows = [f"| {name} | {' | '.join(map(_percent, values))} |" for name, values in lines.items()]
    return "\n".join([*head, *rows, "", ""])


def _percent(rate: float) -> str:
    return "–" if np.isnan(rate) else f"{100 * rate:.1f} %"


if __name__ == "__main__":
    raise SystemExit(main())
