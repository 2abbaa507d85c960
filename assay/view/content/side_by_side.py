"""Any number of runs beside each other: rows x metrics, and what was different in their making."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from assay.evidence.measurements import measurements
from assay.evidence.report.blocks import Cell, Grid
from assay.evidence.report.comparison import FIRST, SECOND, circumstances
from assay.evidence.tables.cells import sign, value
from assay.evidence.tables.table import Table, table_of
from assay.store.run import RunFolder

__all__ = ["MOST_RUNS", "circumstances_grid", "metric_grids", "table_of_run"]

MOST_RUNS = 12
_KINDS = {"better": "better", "worse": "worse", "equivalent": "equivalent", "not resolved": "unresolved"}


def table_of_run(folder: Path) -> Table:
    """The table of a run, to be laid beside others.

    Raises:
        UserError: it is no run, or a file in it is damaged.
    """
    return table_of(measurements(RunFolder(folder)))


def metric_grids(tables: Mapping[str, Table]) -> list[Grid]:
    """A table per metric: a line per row, a column per run, and how far apart the runs are.

    Args:
        tables: name of a run -> its table.
    """
    metrics = list(dict.fromkeys(metric for table in tables.values() for metric in table.columns))
    rows = {row: title for table in reversed(list(tables.values())) for row, title in _titles(table)}
    order = list(dict.fromkeys(row for table in tables.values() for row, _ in _titles(table)))
    return [_metric(tables, metric, {row: rows[row] for row in order}) for metric in metrics]


def _titles(table: Table) -> list[tuple[str, str]]:
    return list(table.data.drop_duplicates("row")[["row", "title"]].itertuples(index=False, name=None))


def _metric(tables: Mapping[str, Table], metric: str, rows: Mapping[str, str]) -> Grid:
    having = [table for table in tables.values() if metric in table.columns]
    heading = next(each.heading for each in having[0].metrics if each.name == metric)
    digits = having[0].decimals(metric)
    lines = []
    for row, title in rows.items():
        cells = {name: _found(table, row, metric) for name, table in tables.items()}
        shown = [_cell(cell, tables[name], digits) for name, cell in cells.items()]
        means = [cell["mean"] for cell in cells.values() if cell is not None and math.isfinite(cell["mean"])]
        span = f"{max(means) - min(means):.{digits}f}" if len(means) > 1 else "–"
        lines.append((Cell(title), *shown, Cell(span, kind="number muted")))
    return Grid(("row", *tables, "apart"), tuple(lines), heading)


def _found(table: Table, row: str, metric: str) -> pd.Series | None:
    there = table.data[(table.data["row"] == row) & (table.data["metric"] == metric)]
    return None if there.empty else there.iloc[0]


def _cell(cell: pd.Series | None, table: Table, digits: int) -> Cell:
    if cell is None:
        return Cell("–", kind="number muted")
    seeds = "" if cell["baseline"] else f"{cell['n_seeds']} seed{'' if cell['n_seeds'] == 1 else 's'}"
    kind = f"number {_KINDS.get(cell['verdict'], '')}{' best' if cell['row'] == table.base_row else ''}".strip()
    hint = ", ".join(filter(None, (cell["verdict"], cell["reason_of_verdict"])))
    return Cell(f"{value(cell, digits)} {sign(cell)}".strip(), seeds, kind, hint)


def circumstances_grid(folders: Mapping[str, Path]) -> Grid | None:
    """Configuration and provenance that are not the same in all runs; None if all are.

    Args:
        folders: name of a run -> its folder; the first is what the others are held against.

    Raises:
        UserError: a folder is no run, or a file in it is damaged.
    """
    names = list(folders)
    first = RunFolder(folders[names[0]])
    differing = {name: circumstances(first, RunFolder(folders[name])) for name in names[1:]}
    paths = list(dict.fromkeys(path for data in differing.values() for path in data.index))
    lines = tuple(_circumstance(path, [differing[name] for name in names[1:]]) for path in paths)
    return Grid(("what", *names), lines, "Configuration and provenance that differ") if lines else None


def _circumstance(path: str, differing: Sequence[pd.DataFrame]) -> tuple[Cell, ...]:
    own = next(str(data.loc[path, FIRST]) for data in differing if path in data.index)
    others = (str(data.loc[path, SECOND]) if path in data.index else own for data in differing)
    return (Cell(path), *(Cell(_short(text)) for text in (own, *others)))


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:80]}...{text[-36:]}"
