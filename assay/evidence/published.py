"""Printed tables as objects: the numbers that a paper gives for a suite's rows, kept with every run."""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pandas as pd
import yaml

from assay.config.errors import UserError, unknown
from assay.store.run.record import Printed, RunRecord

__all__ = ["PublishedTable", "answered", "kept", "printed_in", "published_of", "published_table"]

ABOUT = "tables.yaml"


@dataclass(frozen=True)
class PublishedTable:
    """One printed table.

    Attributes:
        name: `table1` to `table5`.
        title: what it is about.
        images: on which images it was measured, in words.
        n_images: how many they were, where that is known.
        label: the column that names a row (`method` or `configuration`).
        data: the file as it is.
    """

    name: str
    title: str
    images: str
    n_images: int | None
    label: str
    data: pd.DataFrame

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the rows, in printed order."""
        return tuple(self.data[self.label].unique())

    def value(self, row: str | None, metric: str) -> float:
        """The printed number; nan if the table has no such row or metric, or has the row more than once (Table 1)."""
        found = self.data[self.data[self.label] == row]
        return float(found[metric].iloc[0]) if metric in found and len(found) == 1 else math.nan


@functools.cache
def published_table(name: str, folder: Path) -> PublishedTable:
    """Read a printed table: a CSV file with a line per row, and what `tables.yaml` beside it says of it.

    Raises:
        UserError: there is no table of that name.
    """
    known = yaml.safe_load((folder / ABOUT).read_text(encoding="utf-8"))
    if name not in known:
        raise unknown("published table", name, known)
    data = pd.read_csv(StringIO((folder / f"{name}.csv").read_text(encoding="utf-8")))
    about = known[name]
    return PublishedTable(name, about["title"], about["images"], about.get("n_images"), about["label"], data)


def kept(table: PublishedTable, rows: Collection[str]) -> Printed:
    """What run.json keeps of a printed table.

    Args:
        table: the printed one.
        rows: its rows that the run's rows answer.
    """
    metrics = table.data.select_dtypes("number").columns
    lines = {row: {str(name): table.value(row, name) for name in metrics} for row in table.rows if row in rows}
    return Printed(table.name, table.title, table.images, table.n_images, lines)


def answered(name: str | None, folder: Path | None, rows: Mapping[str, str | None]) -> PublishedTable | None:
    """The printed table that a suite names, its rows checked; None if it names none.

    Args:
        name: of the table.
        folder: of the study's tables, if it has any.
        rows: every row of the suite -> the printed row that it answers, or None.

    Raises:
        UserError: there is no such table, or a row answers none that stands once in it.
    """
    answers = {row: printed for row, printed in rows.items() if printed}
    if name is None:
        if answers:
            row, printed = next(iter(answers.items()))
            raise UserError(
                f"row {row} answers {printed!r}, but its suite names no printed table: add published: TABLE"
            )
        return None
    if folder is None:
        raise UserError(f"published: {name}: this study has no printed tables; leave it out")
    table = published_table(name, folder)
    for row, printed in answers.items():
        count = int((table.data[table.label] == printed).sum())
        if not count:
            raise unknown(f"row of the printed {name}, for the row {row},", printed, table.rows)
        if count > 1:
            raise UserError(
                f"row {row}: {printed!r} stands {count} times in the printed {name}: expected a row that does once"
            )
    return table


def published_of(record: RunRecord) -> PublishedTable | None:
    """The printed table that a run answers; None if it answers none, or was made before runs kept it."""
    if (printed := record.published) is None:
        return None
    data = pd.DataFrame.from_dict(dict(printed.rows), orient="index").rename_axis("row").reset_index()
    return PublishedTable(printed.name, printed.title, printed.images, printed.n_images, "row", data)


def printed_in(table: PublishedTable | None, row: str | None, metric: str) -> float:
    """The printed number of a row, nan where there is none."""
    return table.value(row, metric) if table else math.nan
