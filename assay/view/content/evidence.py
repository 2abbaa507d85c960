"""What a run's page shows of its evidence: the table with intervals, differences, and figures of both."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from assay.evidence.measurements import measurements
from assay.evidence.numbers import probability, signed
from assay.evidence.report.blocks import Cell, Grid
from assay.evidence.report.sections.grids import differences_grid, table_grid
from assay.evidence.statistics.verdict import verdicts_of
from assay.evidence.tables.table import Table, table_of
from assay.store.run.folder import RunFolder
from assay.view.content.curves import Figure, curve_figures, curve_stages, row_colours
from assay.view.content.forest import forest_figures

__all__ = ["Curves", "Evidence", "curves_of", "evidence_of"]


@dataclass(frozen=True)
class Evidence:
    """Of a run as far as it is.

    Attributes:
        table: rows x metrics; each cell says its interval when the pointer rests on it.
        notes: below the table.
        differences: a line per row and metric; None if there is none yet.
        forest: a figure per metric.
        base: what the base is called.
    """

    table: Grid
    notes: tuple[str, ...]
    differences: Grid | None
    forest: list[Figure]
    base: str


@dataclass(frozen=True)
class Curves:
    """Of a run's trainings.

    Attributes:
        stages: stage -> a figure per loss term.
        legend: row, its title, colour and dash, of the rows that have curves.
    """

    stages: dict[str, list[Figure]]
    legend: list[tuple[str, str, str, str]]


def evidence_of(folder: Path) -> Evidence:
    """Read a run and judge it.

    Raises:
        UserError: it is no run, or a file in it is damaged.
    """
    measured = measurements(RunFolder(folder))
    table, verdicts = table_of(measured), verdicts_of(measured)
    any_words = len(verdicts.data) or len(verdicts.baselines)
    differences = differences_grid(verdicts, measured.base_title, measured.record.sample) if any_words else None
    return Evidence(_with_intervals(table), table.notes, differences, forest_figures(verdicts), measured.base_title)


def curves_of(folder: Path) -> Curves:
    """Read the losses of a run's trainings.

    Raises:
        UserError: it is no run, or a file in it is damaged.
    """
    run = RunFolder(folder)
    record, curves = run.record, run.curves()
    there, styles = set(curves["row"].unique()), row_colours(record)
    legend = [(row.name, row.title, *styles[row.name]) for row in record.rows if row.name in there]
    return Curves({stage: curve_figures(curves, record, stage) for stage in curve_stages(curves)}, legend)


def _with_intervals(table: Table) -> Grid:
    """The report's table, whose cells say the interval of the difference too."""
    grid = table_grid(table)
    names: list[str | None] = [*table.rows(baseline=False), None, *table.rows(baseline=True)]
    if len(names) != len(grid.lines):  # the report has lines of its own by now
        return grid
    lines = [_hinted(table, name, line) for name, line in zip(names, grid.lines, strict=True)]
    return replace(grid, lines=tuple(lines))


def _hinted(table: Table, name: str | None, line: tuple[Cell, ...]) -> tuple[Cell, ...]:
    head, cells = line[: -len(table.metrics)], line[-len(table.metrics) :]
    if name is None:
        return line
    hints = [_interval(table.cell(name, metric.name), metric.decimals) for metric in table.metrics]
    told = zip(cells, hints, strict=True)
    return (*head, *(replace(cell, hint="\n".join(filter(None, (cell.hint, hint)))) for cell, hint in told))


def _interval(cell: pd.Series, digits: int) -> str:
    if not math.isfinite(cell["difference"]):
        return ""
    difference = f"difference {signed(cell['difference'], digits)}"
    span = f", {signed(cell['low'], digits)} to {signed(cell['high'], digits)}" if math.isfinite(cell["low"]) else ""
    return f"{difference}{span}\np (corrected) {probability(cell['p_adjusted'])}"
