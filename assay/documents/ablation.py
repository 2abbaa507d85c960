"""An ablation, or the confirmation of a search, as a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from assay.documents.envelope import Number, Part, Plain, Result, Text

if TYPE_CHECKING:
    import pandas as pd

    from assay.runs import Run
    from assay.store.run.folder import RowRecord

__all__ = ["Ablation", "Cell", "MetricPart", "Row", "Trial", "Verdict", "ablation_of", "records"]


class MetricPart(Part):
    """A column of the table."""

    name: Text
    better: Literal["larger", "smaller", "none"]
    unit: Text
    convention: Text
    decimals: int
    margin: Number
    """A difference below which nobody would care; null if nobody has said."""


class Row(Part):
    """A row of the table."""

    name: Text
    title: Text
    baseline: bool
    """Training-free."""
    changes: dict[Text, Plain]
    """Path of the configuration -> its value."""
    seeds: list[int]
    """Of the trainings that have finished; [-1] of a training-free row."""


class Trial(Part):
    """One row under one seed."""

    id: Text
    row: Text
    seed: int
    status: Literal["pending", "running", "finished", "failed"]
    reason: Text
    seconds: Number


class Cell(Part):
    """What was measured of a row and a metric."""

    row: Text
    metric: Text
    mean: Number
    """Over samples, then over seeds."""
    spread: Number
    """Standard deviation over seeds."""
    n_seeds: int
    n_images: int
    published: Number
    """The printed number."""


class Verdict(Part):
    """The difference of a row to the base (row less base, raw), and the word for it."""

    row: Text
    metric: Text
    baseline: bool
    difference: Number
    low: Number
    high: Number
    bound: Number
    """How large the true difference may be, either way."""
    p: Number
    p_adjusted: Number
    """Corrected over the table."""
    margin: Number
    p_equal: Number
    """Of a difference of the margin or more."""
    p_equal_adjusted: Number
    effect: Number
    """Standardised paired difference."""
    verdict: Literal["better", "worse", "different", "equivalent", "not resolved", ""]
    """Empty where an alarm forbids any word."""
    reason: Text
    n_seeds: int
    n_images: int


class Alarm(Part):
    """A row that may have ablated nothing."""

    row: Text
    alarm: Text


class Ablation(Result):
    """The result of `ablate`, `report` of an ablation, and the MCP tool `verdicts`."""

    kind: Literal["ablation"] = "ablation"
    folder: Text
    suite: Text
    base: Text
    """The row that all others are compared with."""
    metrics: list[MetricPart]
    rows: list[Row]
    trials: list[Trial]
    cells: list[Cell]
    verdicts: list[Verdict]
    effects: list[dict[Text, Plain]]
    """What the parts of a design do, a line per effect and metric; see `assay.Run.effects`."""
    alarms: list[Alarm]
    notes: list[Text]
    """What is missing, and what the words mean."""
    unfinished: list[Text]
    """What was asked for and has not finished, why, and where the traceback is."""


def ablation_of(run: Run) -> Ablation:
    """The document of a run, finished or not.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    record = run.record
    return Ablation(
        folder=str(run.folder),
        suite=record.suite,
        base=record.base_row,
        metrics=[MetricPart.model_validate(vars(metric)) for metric in record.shown],
        rows=[_row(run, row) for row in record.rows],
        trials=[Trial.model_validate(vars(trial)) for trial in record.trials],
        cells=[Cell.model_validate(line) for line in records(run.evidence.data)],
        verdicts=[Verdict.model_validate(line) for line in records(run.verdicts())],
        effects=list(records(run.effects())),
        alarms=[Alarm.model_validate(line) for line in records(run.proof.alarms)],
        notes=list(run.evidence.notes),
        unfinished=run.unfinished,
    )


def _row(run: Run, row: RowRecord) -> Row:
    return Row.model_validate({**vars(row), "seeds": [-1] if row.baseline else run.seeds(row.name)})


def records(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The lines of a table as mappings."""
    yield from ({str(name): value for name, value in line.items()} for line in table.to_dict("records"))
