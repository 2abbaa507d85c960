"""Any number of runs beside each other: means and words of rows x metrics, and what was different in their making."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from assay.evidence.measurements import measurements
from assay.evidence.numbers import signed
from assay.evidence.report.beside.comparison import FIRST, SECOND, circumstances
from assay.evidence.report.blocks import Cell, Grid
from assay.evidence.report.sections.grids import KINDS
from assay.evidence.statistics.words import BETTER, SIGNS, WORSE
from assay.evidence.tables.cells import sign, value
from assay.evidence.tables.table import Table, table_of
from assay.store.run.folder import RunFolder

__all__ = ["MOST_RUNS", "circumstances_grid", "metric_grids", "table_of_run", "words_grid"]

MOST_RUNS = 12


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


def words_grid(tables: Mapping[str, Table]) -> Grid | None:
    """The verdicts of the same cells beside each other; None if no two runs have a cell in common.

    Args:
        tables: name of a run -> its table.
    """
    judged = [table.data[table.data["verdict"] != ""] for table in tables.values()]
    cells = pd.concat([data[["row", "title", "metric"]] for data in judged]) if judged else pd.DataFrame()
    shared = cells[cells.duplicated(["row", "metric"])].drop_duplicates(["row", "metric"])
    lines = [_words(line, tables) for line in shared.sort_index(kind="stable").to_dict("records")]
    return (
        Grid(("row", "metric", *tables, "word"), tuple(lines), "Difference to the base, and its word")
        if lines
        else None
    )


def _words(line: Mapping[Hashable, Any], tables: Mapping[str, Table]) -> tuple[Cell, ...]:
    found = {name: _found(table, line["row"], line["metric"]) for name, table in tables.items()}
    words = {cell["verdict"] for cell in found.values() if cell is not None and cell["verdict"]}
    against = {BETTER, WORSE} <= words
    said = "the same" if len(words) == 1 else "opposite" if against else "another"
    told = Cell(said, kind="bad" if against else "muted" if len(words) == 1 else "")
    cells = (_word(cell, tables[name]) for name, cell in found.items())
    return Cell(line["title"]), Cell(line["metric"]), *cells, told


def _word(cell: pd.Series | None, table: Table) -> Cell:
    if cell is None or not cell["verdict"]:
        return Cell("–", kind="number muted")
    digits = table.decimals(cell["metric"])
    known = math.isfinite(cell["low"])
    interval = f"{signed(cell['low'], digits)} to {signed(cell['high'], digits)}" if known else "no interval"
    text = f"{signed(cell['difference'], digits)} {SIGNS[cell['verdict']]} {cell['verdict']}"
    return Cell(text, interval, f"number {KINDS[cell['verdict']]}".strip(), cell["reason_of_verdict"])


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
    kind = f"number {KINDS[cell['verdict']]}{' best' if cell['row'] == table.base_row else ''}".strip()
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
