"""What a table's cells say, in any format."""

from __future__ import annotations

import math

import pandas as pd

from assay.evidence.measurements import counted
from assay.evidence.numbers import MISSING, number
from assay.evidence.statistics.words import SIGNS
from assay.evidence.tables.table import Table

__all__ = [
    "counted_label",
    "floor_label",
    "floor_value",
    "in_print",
    "published_value",
    "row_label",
    "sign",
    "value",
]


def value(cell: pd.Series, digits: int) -> str:
    """`mean ± spread`; n/a as spread with one seed, nothing for a training-free row, a dash where there is no value."""
    if not math.isfinite(cell["mean"]):
        return "–"
    mean = number(cell["mean"], digits)
    return mean if cell["baseline"] else f"{mean} ± {number(cell['spread'], digits)}"


def sign(cell: pd.Series) -> str:
    """Of the verdict; empty for the base, and where there is no value."""
    return SIGNS[cell["verdict"]] if math.isfinite(cell["mean"]) else ""


def published_value(cell: pd.Series, digits: int) -> str:
    """The paper's number, empty where it has none."""
    text = number(cell["published"], digits)
    return "" if text == MISSING else text


def row_label(table: Table, name: str) -> str:
    """The row's title, with its state unless it is finished."""
    first = table.data[table.data["row"] == name].iloc[0]
    if first["status"] == "finished":
        return str(first["title"])
    return f"{first['title']} [{first['status']}{': ' + first['reason'] if first['reason'] else ''}]"


def counted_label(table: Table, name: str) -> str:
    """The same, with its number of seeds where trained rows have different ones."""
    seeds = table.data.loc[~table.data["baseline"].astype(bool)].groupby("row")["n_seeds"].max()
    told = f" ({counted(seeds[name], 'seed')})" if name in seeds and seeds.nunique() > 1 else ""
    return row_label(table, name) + told


def floor_label(table: Table) -> str:
    """Title of the noise floor's row."""
    return f"noise floor: {table.base_title} trained again"


def floor_value(table: Table, metric: str, digits: int | None = None) -> str:
    """`± half-width`."""
    return f"± {number(table.floor(metric), table.decimals(metric) if digits is None else digits)}"


def in_print(table: Table) -> frozenset[str]:
    """The metrics of which the paper has a number for any of the rows."""
    return frozenset(table.data.loc[table.data["published"].notna(), "metric"])
