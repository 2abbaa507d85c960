"""Proof that each row ablated something: what changed in its configuration, its network, its cost and its losses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import pandas as pd

from assay.config.errors import one_line
from assay.evidence.measurements import Measurements, measurements, shortened
from assay.evidence.network_difference import beyond, parts_of
from assay.evidence.sameness import Alarms
from assay.store.run.folder import RowRecord, RunFolder, RunRecord
from assay.store.run.proof import TrialProof

__all__ = ["Proof", "proof_of"]

_TERMS = ["row", "title", "stage", "term", "weight", "value", "value_share", "gradient_share"]
_OUTPUTS = ["row", "title", "branch", "change"]
_ALARMS = ["row", "title", "alarm", "seeds"]
MISSING = "missing"


@dataclass(frozen=True)
class Proof:
    """What the rows of a run differ in. Figures are means over a row's seeds; what is unknown is nan.

    Attributes:
        data: a line per trained row: row, title, changes (`path: base value -> value`, separated by `; `), parameters,
            added and removed (parameters that the base does not have, or has and the row has not), parts_added and
            parts_removed (the modules that they belong to), then per stage `flops_STAGE` (forward, one pair of patches)
            and `seconds_STAGE` (of a training step), and n_seeds (trials with a proof).
        terms: a line per row x stage x loss term: row, title, stage, term, weight, value, value_share, gradient_share.
        outputs: a line per row x branch: row, title, branch, change (of the output without it, in `unit`).
        alarms: a line per row x alarm: row, title, alarm, seeds. None is how it should be.
        notes: what is missing, one sentence each.
        output, unit: what the networks give, in words, and the unit of its changes, if it has one.
    """

    data: pd.DataFrame
    terms: pd.DataFrame
    outputs: pd.DataFrame
    alarms: pd.DataFrame
    notes: tuple[str, ...]
    output: str = "the output"
    unit: str = ""


def proof_of(run: RunFolder, measured: Measurements | None = None) -> Proof:
    """Collect the proofs of a run's finished trials, and hold them against those of the base.

    Args:
        run: the folder.
        measured: its values, if they were read before; they raise alarms of their own.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    record, proofs = run.record, run.proofs()
    measured = measured or measurements(run)
    config, rows = run.config(), [row for row in record.rows if not row.baseline]
    of_rows = {row.name: _of_row(row, record, proofs) for row in rows}
    base = of_rows.get(record.base_row, {})
    data = pd.DataFrame([_line(row, of_rows[row.name], base, config) for row in rows])
    return Proof(
        data,
        _means([line for row in rows for line in _term_lines(row, of_rows[row.name])], _TERMS, 4),
        _means([line for row in rows for line in _output_lines(row, of_rows[row.name])], _OUTPUTS, 3),
        _alarms(rows, of_rows, base, config, record.base_row, measured.alarms),
        tuple(_notes(rows, of_rows, record)),
        _first(of_rows.get(record.base_row, {})).output,
        _first(of_rows.get(record.base_row, {})).unit,
    )


def _of_row(row: RowRecord, record: RunRecord, proofs: Mapping[str, TrialProof]) -> dict[int, TrialProof]:
    """Seed -> proof, of finished trials."""
    trials = [trial for trial in record.trials if trial.row == row.name and trial.status == "finished"]
    return {trial.seed: proofs[trial.id] for trial in trials if trial.id in proofs}


def _line(
    row: RowRecord, proofs: Mapping[int, TrialProof], base: Mapping[int, TrialProof], config: Mapping[str, Any]
) -> dict[str, Any]:
    line: dict[str, Any] = {"row": row.name, "title": row.title, "changes": _changes(row, config)}
    own, others = _first(proofs), _first(base)
    line["parameters"] = sum(own.parameters.values()) if own.parameters else math.nan
    for name, more, less in (("added", own, others), ("removed", others, own)):
        known = more.tensors and less.tensors
        tensors = beyond(more.tensors, less.tensors) if known else {}
        line[name] = sum(math.prod(shape) for shape in tensors.values()) if known else math.nan
        line[f"parts_{name}"] = ", ".join(parts_of(tensors, less.tensors)) if known else ""
    for quantity, costs in (
        ("flops", [proof.flops for proof in proofs.values()]),
        ("seconds", [proof.seconds_per_step for proof in proofs.values()]),
    ):
        for stage in sorted({stage for cost in costs for stage in cost}):
            found = [cost[stage] for cost in costs if stage in cost]
            line[f"{quantity}_{stage}"] = sum(found) / len(found)
    return line | {"n_seeds": len(proofs)}


def _changes(row: RowRecord, config: Mapping[str, Any]) -> str:
    return "; ".join(f"{path}: {_plain(config.get(path, MISSING))} -> {_plain(v)}" for path, v in row.changes.items())


def _plain(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_plain, value))}]"
    return str(value).lower() if isinstance(value, bool) else one_line(str(value))


def _first(proofs: Mapping[int, TrialProof]) -> TrialProof:
    """Any of a row's proofs: its networks have the same parameters whatever the seed."""
    return next(iter(proofs.values()), TrialProof())


def _term_lines(row: RowRecord, proofs: Mapping[int, TrialProof]) -> list[tuple[Any, ...]]:
    return [
        (row.name, row.title, stage, term, *astuple(shares))
        for proof in proofs.values()
        for stage, terms in proof.terms.items()
        for term, shares in terms.items()
    ]


def _output_lines(row: RowRecord, proofs: Mapping[int, TrialProof]) -> list[tuple[Any, ...]]:
    return [
        (row.name, row.title, branch, change) for proof in proofs.values() for branch, change in proof.outputs.items()
    ]


def _means(lines: list[tuple[Any, ...]], columns: list[str], keys: int) -> pd.DataFrame:
    """Over seeds; the first `keys` columns say what a line is about."""
    table = pd.DataFrame(lines, columns=columns)
    return table.groupby(columns[:keys], sort=False, as_index=False).mean() if len(table) else table


def _alarms(
    rows: Sequence[RowRecord],
    proofs: Mapping[str, Mapping[int, TrialProof]],
    base: Mapping[int, TrialProof],
    config: Mapping[str, Any],
    base_row: str,
    same: Alarms,
) -> pd.DataFrame:
    found: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        found |= {(row.name, row.title, alarm): list(seeds) for alarm, seeds in same.get(row.name, ())}
        for seed, proof in proofs[row.name].items():
            alarms = list(proof.alarms)
            if row.name != base_row and proof.weights and proof.weights == base.get(seed, TrialProof()).weights:
                alarms.append(f"its weights equal those of {base_row} under the same seed")
            for alarm in alarms:
                found.setdefault((row.name, row.title, alarm), []).append(seed)
        for path, value in row.changes.items():
            if path in config and _plain(config[path]) == _plain(value):
                found[row.name, row.title, f"{path} is {_plain(value)} in {base_row} too: no change"] = []
    return pd.DataFrame([(*key, tuple(seeds)) for key, seeds in found.items()], columns=_ALARMS)


def _notes(rows: Sequence[RowRecord], proofs: Mapping[str, Mapping[int, TrialProof]], record: RunRecord) -> list[str]:
    notes = []
    without = [row.title for row in rows if not proofs[row.name]]
    if without:
        notes.append(f"No finished trial with a proof: {shortened(without)}.")
    if record.base_row in {row.name for row in rows} and not proofs[record.base_row]:
        notes.append(f"Without a proof of {record.base_row} nothing can be told apart from it.")
    return notes
