"""What run.json holds: what was asked for, and how far every trial has come."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from assay.config.errors import one_line
from assay.design.design import Design, Part
from assay.metric import Metric, metric_named
from assay.store.received.names import is_file_name
from assay.store.received.typed import Fingerprint, Text, Values, read_typed
from assay.store.run.looks import Look, Looked

__all__ = ["FORMAT", "Printed", "RowRecord", "RunRecord", "TrialRecord", "encoded", "line_of", "read_run_record"]

FORMAT = 1
Status = Annotated[str, Field(pattern="^(pending|running|finished|failed)$")]


@dataclass(frozen=True)
class RowRecord:
    """A row of the suite as it was asked for.

    Attributes:
        name: what the user types ("no_graph").
        title: what the table shows ("w/o GNN").
        published: the row's name in the published table, or None.
        changes: dotted configuration path -> value.
        baseline: a training-free row (no seed, no trial).
    """

    name: Text
    title: Text
    published: Text | None = None
    changes: Mapping[Text, Any] = field(default_factory=dict)
    baseline: bool = False


@dataclass(frozen=True)
class TrialRecord:
    """One variant under one seed.

    Attributes:
        id: row and seed, safe as a file name.
        status: `pending`, `running`, `finished` or `failed`.
        reason: why it failed, one line.
        fingerprint: under which the store has its measurements.
        stages: fingerprints of the stages it is made of, in order.
        reused: those of them that this run did not train.
        seconds: wall seconds this run spent on it.
        made_with: versions, processor and the like -> those with which its stages were trained and measured; more than
            one where these differ.
    """

    id: Text
    row: Text
    seed: int
    status: Status = "pending"
    reason: Text = ""
    fingerprint: Fingerprint | Literal[""] = ""
    stages: tuple[Fingerprint, ...] = ()
    reused: tuple[Fingerprint, ...] = ()
    seconds: float = 0.0
    made_with: Mapping[Text, tuple[Text, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Printed:
    """What a run keeps of a printed table.

    Attributes:
        name, title, images, n_images: see `assay.evidence.published.PublishedTable`.
        rows: name of a row -> metric -> its number, nan where none is printed.
    """

    name: Text
    title: Text
    images: Text
    n_images: int | None
    rows: Mapping[Text, Mapping[Text, float]]


def _shown(metric: Metric) -> Metric:
    """With texts that a terminal does not obey."""
    texts: dict[str, Any] = {name: one_line(text) for name, text in vars(metric).items() if isinstance(text, str)}
    return replace(metric, **texts)


def _shown_design(design: Design) -> Design:
    """With texts that a terminal does not obey."""
    parts = tuple(Part(one_line(part.name), one_line(part.title)) for part in design.parts)
    cells = {one_line(row): cell for row, cell in design.cells.items()}
    return replace(design, parts=parts, cells=cells, generators=tuple(map(one_line, design.generators)))


@dataclass(frozen=True)
class RunRecord:
    """What run.json holds.

    Attributes:
        kind: `ablation` or `search`.
        suite: name of the suite.
        command: what was typed.
        columns: metrics of the table, in order.
        metrics: what the study says of every metric that it measures; empty in a run of an early version.
        sample: what the study calls a sample; of runs that do not say it yet these were images.
        published: of the printed table that the rows answer; None if there is none.
        base_row: the row that all others are compared with ("ours").
        design: whose combinations the rows are; None if they are none.
        provenance: git commit, versions, machine, time, preset, data set and its fingerprint.
        looks: that were declared when it began; none of a run with a fixed number of seeds.
        looked: those that were taken so far, those of other runs of this table among them.
        table: what was asked for, seeds apart, see `assay.experiment.naming.table`; empty in a run of an early version.
    """

    kind: Text
    suite: Text
    command: tuple[str, ...]
    rows: tuple[RowRecord, ...]
    trials: tuple[TrialRecord, ...]
    columns: tuple[Text, ...]
    base_row: Text = "ours"
    metrics: tuple[Annotated[Metric, AfterValidator(_shown)], ...] = ()
    sample: Text = "image"
    published: Printed | None = None
    note: Text = ""
    design: Annotated[Design, AfterValidator(_shown_design)] | None = None
    provenance: Values = field(default_factory=dict)
    looks: tuple[Look, ...] = ()
    looked: tuple[Looked, ...] = ()
    table: Fingerprint | Literal[""] = ""
    format: int = FORMAT

    def metric(self, name: str) -> Metric:
        """What the study says of a metric."""
        return metric_named(name, self.metrics)

    @property
    def shown(self) -> tuple[Metric, ...]:
        """The metrics of the table, in order."""
        return tuple(self.metric(name) for name in self.columns)


def line_of(value: Any) -> str:
    """JSON of a part of a record, as it stands in run.json."""
    return _JSON.encode(value)


def encoded(record: RunRecord, line: Callable[[Any], str] = line_of) -> str:
    """JSON with a line for every row and trial: quick to write for thousands of them, and to be read by people.

    Args:
        record: the whole.
        line: gives what `line_of` would of a row or trial, and may know it already.
    """
    parts = []
    for name, value in vars(record).items():
        lines = [line(item) for item in value] if name in ("rows", "trials") else None
        parts.append(f' "{name}": ' + ("[\n  " + ",\n  ".join(lines) + "\n ]" if lines else line_of(value)))
    return "{\n" + ",\n".join(parts) + "\n}\n"


_JSON = json.JSONEncoder(default=lambda other: vars(other) if is_dataclass(other) else str(other))


def read_run_record(data: bytes) -> RunRecord:
    """What `encoded` wrote, perhaps in an earlier format.

    Raises:
        Newer: in a later one.
        ValueError: it is something else, or was edited into it; one line.
    """
    record = read_typed(RunRecord, data, FORMAT)
    names = [("rows", [row.name for row in record.rows]), ("trials", [trial.id for trial in record.trials])]
    for where, each in (*names, ("columns", record.columns)):
        if len(set(each)) < len(each):
            raise ValueError(f"{where}: a name is there twice")
    if wrong := [name for name in (trial.id for trial in record.trials) if not is_file_name(name)]:
        raise ValueError(f"trials: expected ids that are safe as file names; got {wrong[0]!r}")
    if record.design and not {*record.design.cells} <= {row.name for row in record.rows}:
        raise ValueError("design: a cell is no row")
    if not all(row.name for row in record.rows):
        raise ValueError("rows: a name is empty")
    return record
