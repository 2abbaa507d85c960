"""A claim about two rows, `ours.VIF better than max`, that the verdicts of a run meet or do not meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.config.errors import UserError, one_line, unknown
from assay.evidence.numbers import probability, signed
from assay.evidence.statistics.correction import FEWEST_SEEDS
from assay.evidence.statistics.verdict import Verdicts
from assay.evidence.statistics.words import BETTER, EQUIVALENT, NOT_RESOLVED, WORSE
from assay.metric import Metric

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CLAIMS", "FORM", "Gate", "GateAnswer", "answered", "gate_of"]

# What is claimed of a row -> words of its verdict that meet it; a claim stands before any that it ends with.
CLAIMS: Mapping[str, frozenset[str]] = {
    "better than": frozenset({BETTER}),
    "not worse than": frozenset({BETTER, EQUIVALENT}),
    "worse than": frozenset({WORSE}),
    "equivalent to": frozenset({EQUIVALENT}),
}
FORM = "ROW.METRIC better than ROW"
_MIRRORED = {BETTER: WORSE, WORSE: BETTER}


@dataclass(frozen=True)
class Gate:
    """A claim that the verdicts of a run can answer.

    Attributes:
        text: as it was given.
        row: whose verdict against the base answers it.
        base: the other row of the claim.
        metric: of the verdict.
        words: that meet it.
    """

    text: str
    row: str
    base: str
    metric: str
    words: frozenset[str]


@dataclass(frozen=True)
class GateAnswer:
    """What the verdicts say.

    Attributes:
        gate: the claim.
        met: whether the verdict has one of its words.
        verdict: the word; `not resolved` where there is no verdict.
        line: for people, with the difference and its interval.
    """

    gate: Gate
    met: bool
    verdict: str
    line: str


def gate_of(text: str, rows: Sequence[str], base: str, metrics: Sequence[Metric], seeds: int | None = None) -> Gate:
    """Read a claim, and check it against a table that there may not be yet.

    Args:
        text: `ROW.METRIC better than ROW`; see `CLAIMS`. One of the rows is the base: verdicts say how each row stands
            to it, so that of the base against a row the mirrored word is asked for.
        rows: of the table.
        base: the row that all others are held against.
        metrics: of the table.
        seeds: of every row; None if that is not known.

    Raises:
        UserError: it is no such claim, a name is unknown, or no verdict can answer it.
    """
    given = " ".join(text.split())
    claim = next((each for each in CLAIMS if f" {each} " in given), None)
    if claim is None:
        forms = ", ".join(f"'ROW.METRIC {each} ROW'" for each in CLAIMS)
        raise UserError(f"--gate {text!r}: expected one of {forms}")
    left, _, other = given.partition(f" {claim} ")
    row, metric = _named(left, rows, metrics)
    if other not in rows:
        raise unknown("row in --gate", other, rows)
    if row == other or base not in (row, other):
        raise UserError(
            f"--gate {text!r}: verdicts hold each row against {base}, and these are {row} and {other}: name {base} and "
            "one other row"
        )
    _check_answerable(text, claim, metric, seeds)
    words = CLAIMS[claim] if other == base else frozenset(_MIRRORED.get(word, word) for word in CLAIMS[claim])
    return Gate(given, row if other == base else other, base, metric.name, words)


def _named(left: str, rows: Sequence[str], metrics: Sequence[Metric]) -> tuple[str, Metric]:
    """Row and metric of `ROW.METRIC`; either may have points in its name."""
    known = {metric.name: metric for metric in metrics}
    places = [place for place, letter in enumerate(left) if letter == "."]
    for place in places:
        if left[:place] in rows and left[place + 1 :] in known:
            return left[:place], known[left[place + 1 :]]
    if not places:
        raise UserError(f"--gate: expected {FORM}; got {left!r} in place of ROW.METRIC")
    row, _, metric = left.rpartition(".")
    raise unknown("row in --gate", row, rows) if row not in rows else unknown("metric in --gate", metric, known)


def _check_answerable(text: str, claim: str, metric: Metric, seeds: int | None) -> None:
    if EQUIVALENT not in CLAIMS[claim] and not metric.directed:
        raise UserError(f"--gate {text!r}: of {metric.name} neither value is better: expected 'equivalent to'")
    if CLAIMS[claim] == {EQUIVALENT} and metric.margin is None:
        raise UserError(f"--gate {text!r}: {metric.name} has no margin, below which rows would be equivalent")
    if seeds is not None and seeds < FEWEST_SEEDS:
        raise UserError(f"--gate {text!r}: expected {FEWEST_SEEDS} seeds or more, fewer resolve nothing; got {seeds}")


def answered(gate: Gate, verdicts: Verdicts) -> GateAnswer:
    """Hold a claim against verdicts: their words are right together, all cells of the table counted."""
    line = verdicts.cell(gate.row, gate.metric)
    if line is None:
        return GateAnswer(gate, False, NOT_RESOLVED, f"gate {gate.text}: not met; {gate.row} has no verdict")
    word = str(line["verdict"]) or NOT_RESOLVED
    digits = next(metric.decimals for metric in verdicts.metrics if metric.name == gate.metric)
    numbers = [signed(line[name], digits) for name in ("difference", "low", "high")]
    interval = f"{100 * verdicts.level:g} % by itself {numbers[1]} to {numbers[2]}"
    said = f"{gate.row} less {gate.base}: {gate.metric} {numbers[0]} ({interval}; {_corrected(gate, line)}), {word}"
    reason = f" ({line['reason']})" if line["reason"] else ""
    met = word in gate.words
    return GateAnswer(gate, met, word, one_line(f"gate {gate.text}: {'met' if met else 'not met'}; {said}{reason}"))


def _corrected(gate: Gate, line: pd.Series) -> str:
    """The p value that the word rests on, over the whole table: the interval of one cell decides nothing."""
    if gate.words == {EQUIVALENT}:
        return f"p of the margin or more, corrected, {probability(line['p_equal_adjusted'])}"
    return f"p corrected {probability(line['p_adjusted'])}"
