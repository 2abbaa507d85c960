"""The files of a search's folder, read and checked: they are as a search writes them, or one line says what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from assay.config.errors import UserError, one_line
from assay.config.reading import MIB, read_file
from assay.evidence.csv_text import read_csv
from assay.store.received.inside import Outside, inside
from assay.store.received.typed import Newer

__all__ = ["FINISHED", "STOPPED", "damaged", "read_checked", "read_tables"]

T = TypeVar("T")

FINISHED, STOPPED = "finished", "stopped"  # states
MOST = 256 * MIB
_STATES = {FINISHED, STOPPED, "failed", "running", "waiting"}
_WORDS = ("role", "state", "reason", "objective", "parameter", "origin")
_CHANCE = ("chance", "chance_high", "p")  # an early search has none of them
_NUMBERS = {"values": ["trial", "step", "value"], "importance": ["importance", *_CHANCE, "step", "trials"]}
_WHOLE = {"trials": ("trial",), "values": ("trial", "step"), "importance": ("trials",)}  # and never missing
_AGAIN = "give the search's command again"
_COLUMNS: Mapping[str, Sequence[str]] = {
    "trials": ("trial", "role", "state", "reason"),
    "values": ("trial", "step", "value"),
    "importance": ("objective", "parameter", "importance", "step", "trials"),
}


def read_tables(
    folder: Path, objectives: Sequence[str], ranged: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The trials, their values on the way, and the parameters' importance.

    Args:
        folder: of a search.
        objectives: names.
        ranged: names of the parameters that have a range.

    Raises:
        UserError: a file is missing, damaged, or was written by a newer version.
    """
    numbers = {"trials": ["trial", *objectives, *ranged], **_NUMBERS}
    trials, values, importance = (
        read_checked(folder, f"{name}.csv", partial(_table, columns=columns, numbers=numbers[name], whole=_WHOLE[name]))
        for name, columns in _COLUMNS.items()
    )
    for name, fault in _faults(trials, values, objectives):
        raise damaged(folder / name, fault)
    return trials, values, importance


def read_checked(folder: Path, name: str, read: Callable[[bytes], T]) -> T:
    """What `read` makes of a file of the folder; see `read_tables` for errors."""
    try:
        return read(read_file(inside(folder, name), MOST))
    except FileNotFoundError as error:
        raise UserError(f"{folder} holds no search: expected {name} in it") from error
    except Newer as error:
        raise UserError(f"{folder / name} was written by a newer version: update assay to read it") from error
    except Outside:
        raise
    except ValueError as error:
        raise damaged(folder / name, one_line(str(error), most=300)) from error


def damaged(path: Path, fault: str) -> UserError:
    """The error that a file is not as a search writes it."""
    return UserError(f"{path} is damaged ({fault}); {_AGAIN}")


def _faults(trials: pd.DataFrame, values: pd.DataFrame, objectives: Sequence[str]) -> Iterator[tuple[str, str]]:
    """File and fault, where tables do not go together as a search writes them."""
    if odd := sorted(set(trials["state"]) - _STATES):
        yield "trials.csv", f"state: expected one of {', '.join(sorted(_STATES))}; got {odd[0]!r}"
    if trials["trial"].duplicated().any():
        yield "trials.csv", "a trial is there twice"
    if trials.loc[trials["state"] == FINISHED, list(objectives)].isna().any(axis=None):
        yield "trials.csv", "a finished trial lacks a value"
    if not values["trial"].isin(trials["trial"]).all():
        yield "values.csv", "it has a trial that is not in trials.csv"


def _table(data: bytes, columns: Sequence[str], numbers: Sequence[str], whole: Sequence[str]) -> pd.DataFrame:
    table = read_csv(data)
    table = table.assign(**{name: np.nan for name in _CHANCE if name in numbers and name not in table})
    if absent := [name for name in (*columns, *numbers) if name not in table]:
        raise ValueError(f"no column {absent[0]}")
    words = {name: table[name].astype(object).where(table[name].notna(), "") for name in _WORDS if name in table}
    shown = {name: column.map(lambda word: one_line(str(word))) for name, column in words.items()}
    table = table.assign(**shown, **{name: _numeric(table[name]) for name in numbers})
    if wrong := [name for name in whole if not (table[name] % 1 == 0).all()]:
        raise ValueError(f"{wrong[0]}: expected whole numbers")
    return table.astype(dict.fromkeys(whole, "int64"))


def _numeric(column: pd.Series) -> pd.Series:
    """Finite numbers of at most 64 bits, and nan."""
    try:
        numbers = pd.to_numeric(column)
        if numbers.dtype.kind in "iuf" and not np.isinf(numbers.to_numpy(dtype=float)).any():
            return numbers
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{column.name}: expected numbers") from error
    if column.empty or column.isna().all():
        return column.astype(float)
    raise ValueError(f"{column.name}: expected finite numbers")
