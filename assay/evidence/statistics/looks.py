"""Verdicts at several numbers of seeds, whose errors add up to the 5 % of one table."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay.config.errors import UserError
from assay.config.section import MOST_SEEDS
from assay.evidence.measurements import Measurements
from assay.evidence.statistics.correction import ALPHA, FEWEST_SEEDS, corrected
from assay.evidence.statistics.lines import baseline_lines, row_lines, tested
from assay.evidence.statistics.words import NOT_RESOLVED, words_of
from assay.store.run.folder import RunRecord
from assay.store.run.looks import Look, Looked, LookedCell

__all__ = [
    *("DEFAULT_LOOKS", "at_look", "covered", "declared_looks", "first_seed", "look_at", "look_notes", "next_look"),
    *("open_cells", "seeds_wanted", "share_left", "taken", "words_given"),
]

Array = NDArray[np.float64]

DEFAULT_LOOKS = (6, 8, 11)
FIRST_SHARE = 0.4  # of the error, for the first of several looks; the others have equal parts of the rest
_GIVEN = ["row", "metric", "p_adjusted", "p_equal_adjusted", "word", "looked_at"]


def declared_looks(seeds: Sequence[int] = DEFAULT_LOOKS) -> tuple[Look, ...]:
    """Looks at these numbers of seeds: the first has 0.4 of the error, the others equal parts of the rest.

    A single look has all of it.

    Raises:
        UserError: the first is below three, which resolve nothing, or a number is not above the one before it.
    """
    told = ", ".join(map(str, seeds))
    if not seeds or not all(isinstance(number, int) for number in seeds):
        raise UserError(f"seeds: expected whole numbers at which to look, as 6,8,11; got {told or 'none'}")
    if seeds[0] < FEWEST_SEEDS:
        raise UserError(f"seeds: expected a first look at {FEWEST_SEEDS} or more, fewer resolve nothing; got {told}")
    if any(later <= earlier for earlier, later in itertools.pairwise(seeds)):
        raise UserError(f"seeds: expected looks at more and more seeds, as 6,8,11; got {told}")
    if seeds[-1] > MOST_SEEDS:
        raise UserError(f"seeds: expected at most {MOST_SEEDS}; got {told}")
    if len(seeds) == 1:
        return (Look(seeds[0], 1.0),)
    rest = (1 - FIRST_SHARE) / (len(seeds) - 1)
    return (Look(seeds[0], FIRST_SHARE), *(Look(number, rest) for number in seeds[1:]))


def at_look(
    p: Array, p_equal: Array, n_seeds: int, share: float, before: Array, before_equal: Array
) -> tuple[Array, Array]:
    """Adjusted p values of whole tables after one more look.

    Spending by a union bound (as Lan and DeMets, Biometrika 70, 1983): each look has its share of the 5 %, and what a
    cell was given stays. So any false word at any look has a chance of at most the sum, however the looks depend on
    each other, and whoever stops when. A cell has a word if its value is below 5 %, as where there is one look.

    Args:
        p, p_equal: of the cells as they are now, see `corrected`; shape (..., cells).
        n_seeds: the most that any row has.
        share: of the error, for this look.
        before, before_equal: what the looks before it gave, of that shape; nan where there was none. Cells that have
            their word count as rejected in the descent that gave it.
    """
    had, had_equal = before < ALPHA, before_equal < ALPHA
    adjusted = corrected(np.where(had, 0.0, p), np.where(had_equal, 0.0, p_equal), n_seeds)
    now, now_equal = (np.minimum(each / share, 1.0) for each in adjusted)
    return np.where(had, before, np.fmin(before, now)), np.where(
        had_equal, before_equal, np.fmin(before_equal, now_equal)
    )


def look_at(measured: Measurements, look: Look, ended_s: float | None = None) -> Looked:
    """Look at a table.

    Args:
        measured: of the run as it is, with the looks that were declared, and those that were taken before.
        look: that is taken.
        ended_s: the seconds of the run, if it is taken because they are over.
    """
    record = measured.record
    before = words_given(record)
    tables = [row_lines(measured), baseline_lines(measured)]
    cells = itertools.chain.from_iterable(_cells(lines, before, look, record) for lines in tables)
    there = [trial.id for trial in record.trials if trial.status == "finished" and trial.seed >= 0]
    done = tuple(there) if ended_s else ()
    return Looked(look, record.looks, record.table, first_seed(record), tuple(cells), ended_s, done)


def _cells(lines: pd.DataFrame, before: pd.DataFrame, look: Look, record: RunRecord) -> Iterator[LookedCell]:
    if lines.empty:
        return
    lines = lines.merge(before, on=["row", "metric"], how="left")
    p, equal, most = tested(lines)
    lines["word"] = lines["word"].fillna("")
    known = [lines[name].to_numpy(dtype=float) for name in ("p_adjusted", "p_equal_adjusted")]
    adjusted = at_look(p, equal, most, look.share, *known)
    metrics = [record.metric(name) for name in lines["metric"]]
    signed = np.array([metric.signed(value) for metric, value in zip(metrics, lines["difference"], strict=True)])
    words = words_of(signed, *adjusted)
    for place, (row, metric, had) in enumerate(lines[["row", "metric", "word"]].itertuples(index=False)):
        if np.isfinite(adjusted[0][place]):
            new = words[place] if words[place] != NOT_RESOLVED and not had else ""
            yield LookedCell(row, metric, float(adjusted[0][place]), float(adjusted[1][place]), new)


def words_given(record: RunRecord) -> pd.DataFrame:
    """What the looks of a run have said so far, of which those at other rows or seeds are no part.

    Returns:
        A line per row and metric: row, metric, p_adjusted and p_equal_adjusted (the least of all looks), word (the
        first, empty where there is none), looked_at (seeds of the look that gave it, or of the last one).
    """
    lines = [
        (cell.row, cell.metric, cell.p, cell.p_equal, cell.word, looked.look.seeds)
        for looked in _own(record)
        for cell in looked.cells
    ]
    found = pd.DataFrame(lines, columns=_GIVEN)
    merged = [_merged(part) for _, part in found.groupby(["row", "metric"], sort=False)]
    return pd.DataFrame(merged, columns=_GIVEN)


def _merged(cells: pd.DataFrame) -> tuple[object, ...]:
    """Of one row and metric."""
    given = cells[cells["word"] != ""]
    one = (given if len(given) else cells.iloc[-1:]).iloc[0]
    least = (cells[name].min() for name in ("p_adjusted", "p_equal_adjusted"))
    return one["row"], one["metric"], *least, one["word"], one["looked_at"]


def first_seed(record: RunRecord) -> int:
    """Of the trained rows; -1 if there are none."""
    return min((trial.seed for trial in record.trials if trial.seed >= 0), default=-1)


def _own(record: RunRecord) -> list[Looked]:
    """The looks at this very table, at trainings that the run has too."""
    return [each for each in record.looked if (each.table, each.first_seed) == (record.table, first_seed(record))]


def taken(record: RunRecord) -> list[Looked]:
    """Those of the declared looks that were taken."""
    return [each for each in _own(record) if each.declared == record.looks]


def seeds_wanted(record: RunRecord) -> dict[str, int]:
    """How many seeds each trained row of a run with looks needs until the next one, or had at the last one.

    A row gets no further seeds once all its cells have a word, or if it can have none; the base runs as long as any row
    does.
    """
    base, rows = record.base_row, [row.name for row in record.rows if not row.baseline]
    wanted, left = dict.fromkeys(rows, record.looks[0].seeds), {*rows} - {base}
    for look, last in zip(record.looks[1:], taken(record), strict=False):
        left &= set(open_cells(record, last)["row"])
        if not left or last.ended_s:
            break
        wanted |= {row: look.seeds for row in rows if row in left or row == base}
    return wanted


def next_look(record: RunRecord) -> Look | None:
    """The look that comes next; None if all were taken, or no cell of a trained row is open."""
    done = taken(record)
    if len(done) >= len(record.looks) or (done and (done[-1].ended_s or open_cells(record, done[-1]).empty)):
        return None
    return record.looks[len(done)]


def open_cells(record: RunRecord, last: Looked) -> pd.DataFrame:
    """Row and metric of the trained rows' cells that a look, and those before it, left without a word."""
    own = _own(record)
    before = own[: own.index(last) + 1]
    given = {(cell.row, cell.metric) for each in before for cell in each.cells if cell.word}
    trained = {row.name for row in record.rows if not row.baseline}
    cells = [(cell.row, cell.metric) for cell in last.cells if cell.row in trained]
    return pd.DataFrame([cell for cell in cells if cell not in given], columns=["row", "metric"])


def share_left(record: RunRecord) -> float:
    """What the looks that were taken left of the error."""
    return max(1 - sum(each.look.share for each in taken(record)), 0.0)


def covered(record: RunRecord) -> bool:
    """Whether the 5 % hold for the words of a run: every look at its table was one that it has declared."""
    return list(record.looked) == taken(record)


def look_notes(record: RunRecord) -> list[str]:
    """What is said below a table of the looks at it, one sentence each."""
    notes = [_declared_note(record)] if record.looks else []
    if not covered(record):
        others = ", ".join(str(each.look.seeds) for each in record.looked if each not in taken(record))
        notes.append(
            f"Not covered by the 5 %: this table was looked at with {others} seeds before, which this run did not "
            "declare; further seeds or other looks make false words more likely."
        )
    return notes


def _declared_note(record: RunRecord) -> str:
    shares = ", ".join(f"{look.seeds} ({100 * look.share:.3g} % of it)" for look in record.looks)
    done = [str(each.look.seeds) + " as time was up" * bool(each.ended_s) for each in taken(record)]
    return (
        f"Looks share the 5 %, declared at {shares} seeds; taken at {', '.join(done) if done else 'none yet'}. A word "
        f"once given stays; a row whose cells all have one gets no further seeds.{_over(record)}"
    )


def _over(record: RunRecord) -> str:
    """Why a run ends with open cells, whatever time it was given."""
    done = taken(record)
    if len(done) < len(record.looks) or done[-1].ended_s or open_cells(record, done[-1]).empty:
        return ""
    return " All of them are taken: what is open stays so, as the 5 % would not cover further seeds (--seeds N)."
