"""`--gate`: a claim that a command's exit code answers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assay.cli.answer import Answer
from assay.cli.exit import NOT_MET

if TYPE_CHECKING:
    from assay.evidence.statistics.gate import Gate
    from assay.runs import Run
    from assay.store.run.folder import RunRecord

__all__ = ["add_gate", "gated", "gates_of"]


def add_gate(parser: argparse.ArgumentParser) -> None:
    """Add the option `--gate`."""
    text = "exit with 3 unless the verdicts say so: better than, worse than, not worse than, equivalent to; several"
    parser.add_argument("--gate", action="append", default=[], metavar='"ROW.METRIC better than ROW"', help=text)


def gates_of(texts: Sequence[str], record: RunRecord, seeds: int | None = None) -> list[Gate]:
    """The gates of an ablation, checked against what was asked for.

    Raises:
        UserError: one cannot be answered by its verdicts.
    """
    from assay.evidence.statistics.gate import gate_of

    rows = [row.name for row in record.rows]
    return [gate_of(text, rows, record.base_row, record.shown, seeds) for text in texts]


def gated(answer: Answer, gates: Sequence[Gate], run: Run | None) -> Answer:
    """An answer with what the verdicts say of the gates; what failed outweighs a gate that is not met.

    Args:
        answer: without them.
        gates: that were asked for.
        run: whose verdicts answer; None where there are none.
    """
    from assay.evidence.statistics.gate import GateAnswer, answered
    from assay.evidence.statistics.words import NOT_RESOLVED

    if not gates:
        return answer
    none = [GateAnswer(gate, False, NOT_RESOLVED, f"gate {gate.text}: not met; nothing was measured") for gate in gates]
    said = none if run is None else [answered(gate, run.judged) for gate in gates]
    code = answer.code or (0 if all(each.met for each in said) else NOT_MET)
    return replace(answer, code=code, told=[*answer.told, *(each.line for each in said)], gates=said)
