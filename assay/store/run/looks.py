"""Looks at the verdicts of a table that grows: which were declared, which were taken, and the words that they gave."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from assay.store.received.typed import Fingerprint, Text, read_typed
from assay.store.store import Store

__all__ = ["LOOKS", "Look", "Looked", "LookedCell", "keep_look", "kept_looks"]

LOOKS = "looks"  # kind of entry in the store
_FILE = "look.json"
_MOST = 1000  # of one table

Word = Annotated[str, Field(pattern="^(|better|worse|different|equivalent)$")]


@dataclass(frozen=True)
class Look:
    """A number of seeds at which verdicts are drawn.

    Attributes:
        seeds: of a row that is still open then; fewer where time ends before.
        share: of the error of the whole table, above 0 and at most 1.
    """

    seeds: int
    share: float


@dataclass(frozen=True)
class LookedCell:
    """What a look says of a row and metric.

    Attributes:
        p, p_equal: corrected over the table and for the look's share, see `assay.evidence.statistics.looks`; nan where
            there is none.
        word: that this look gave, empty if it gave none or an earlier one did.
    """

    row: Text
    metric: Text
    p: float = math.nan
    p_equal: float = math.nan
    word: Word = ""


@dataclass(frozen=True)
class Looked:
    """A look that was taken.

    Attributes:
        look: with the seeds that the base had, and the share that was spent.
        declared: the looks that were declared then.
        table: what was looked at, see `assay.experiment.naming.table`.
        first_seed: of its rows.
        cells: of every row that could get a word, training-free ones too.
        ended_s: the seconds of a run whose time was up, so that this was its last look; None of any other.
        trials: ids of those that such a run had finished; of no other run.
    """

    look: Look
    declared: tuple[Look, ...]
    table: Fingerprint
    first_seed: int
    cells: tuple[LookedCell, ...] = ()
    ended_s: float | None = None
    trials: tuple[Text, ...] = ()


def kept_looks(store: Store, table: str) -> tuple[Looked, ...]:
    """The looks that were taken at a table, by whichever run, in order; what is damaged is put aside."""
    return tuple(_kept(store, table))


def keep_look(store: Store, looked: Looked) -> None:
    """Keep a look behind those that were taken before; one that is there already is not kept twice."""
    data = json.dumps(asdict(looked)).encode()
    record = {"kind": f"at {looked.look.seeds} seeds", "made": datetime.now(UTC).isoformat(timespec="seconds")}
    for place in range(_MOST):
        entry = store.write(LOOKS, _name(looked.table, place), {_FILE: data}, record)
        if store.read(entry, _FILE) == data:  # else another one stands there
            return


def _kept(store: Store, table: str) -> Iterator[Looked]:
    for place in range(_MOST):
        entry = store.find(LOOKS, _name(table, place))
        data = store.read(entry, _FILE) if entry else None
        if entry is None or data is None:
            return
        try:
            yield read_typed(Looked, data)
        except ValueError as error:  # sealed, and written by nobody of ours
            store.put_aside(LOOKS, entry.fingerprint, f"it is not as it is written here: {error}")
            return


def _name(table: str, place: int) -> str:
    """Of the look at a place in the order of a table's looks."""
    return hashlib.sha256(f"look {place} at {table}".encode()).hexdigest()[:32]
