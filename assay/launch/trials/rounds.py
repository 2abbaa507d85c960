"""The rounds of a run with looks: what was begun, and after each look the further seeds of the rows that are open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.console.display import Display
    from assay.experiment.planning.plan import Plan
    from assay.experiment.time_limit import TimeLimit
    from assay.experiment.trial import Trial
    from assay.store.run.folder import RunFolder, RunRecord
    from assay.store.run.looks import Look, Looked
    from assay.store.run.recorder import Recorder
    from assay.store.store import Store

__all__ = ["Rounds", "begun", "trials_wanted", "with_looks"]


def with_looks(record: RunRecord, looks: tuple[Look, ...], table: str, run: RunFolder, store: Store) -> RunRecord:
    """A record with the looks that are declared, and those that were taken at its table, in its folder or elsewhere.

    A run of a fixed number of seeds at whose table others have looked before takes one look more, with the whole error:
    what was said stays, and that the 5 % do not cover it is told.
    """
    from assay.evidence.statistics.correction import FEWEST_SEEDS
    from assay.store.run.looks import Look, kept_looks

    looked = tuple({_key(each): each for each in (*_looked_in(run), *kept_looks(store, table))}.values())
    seeds = len({trial.seed for trial in record.trials if trial.seed >= 0})
    if looked and not looks and seeds >= FEWEST_SEEDS:
        looks = (Look(seeds, 1.0),)
    return replace(record, looks=looks, looked=looked, table=table)


def trials_wanted(record: RunRecord, trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """Those of all trials that a run with looks has begun, or begins now."""
    from assay.evidence.statistics.looks import first_seed, seeds_wanted, taken

    if (done := taken(record)) and done[-1].ended_s:
        return tuple(trial for trial in trials if trial.rule or trial.id in done[-1].trials)
    wanted, first = seeds_wanted(record), first_seed(record)
    return tuple(trial for trial in trials if trial.rule or trial.seed - first < wanted[trial.row])


def begun(record: RunRecord, trials: Sequence[Trial]) -> RunRecord:
    """The record with the trials alone that `trials_wanted` gives."""
    if not record.looks:
        return record
    ids = {trial.id for trial in trials_wanted(record, trials)}
    return replace(record, trials=tuple(trial for trial in record.trials if trial.id in ids))


def _looked_in(run: RunFolder) -> tuple[Looked, ...]:
    """The looks that the folder's run has taken."""
    from assay.config.errors import UserError

    try:
        return run.record.looked
    except UserError:  # there is none, or it will be written anew
        return ()


def _key(looked: Looked) -> tuple[object, ...]:
    return looked.table, looked.first_seed, looked.declared, looked.look, looked.ended_s


class Rounds:
    """Takes a look when all trials have ended, and gives those that follow from it.

    Args:
        trials: every trial that the run may come to.
        store: where looks are kept, and what is measured already.
        limit: of time; when it is over there is one look more, with the error that is left.
    """

    def __init__(self, trials: Sequence[Trial], store: Store, limit: TimeLimit | None = None) -> None:
        self._trials, self._store, self.limit = trials, store, limit

    def next(self, recorder: Recorder, display: Display) -> Plan | None:
        """Take the look that comes next; None if it was the last, or nothing is open."""
        from assay.evidence.statistics.looks import next_look
        from assay.experiment.planning.plan import plan
        from assay.experiment.trial import trial_records

        if (look := next_look(recorder.record)) is None:
            return None
        if self.limit and self.limit.closed:
            self._end(recorder, display, self.limit.within_s)
            return None
        if not self._look(recorder, look):
            return None
        there = {trial.id for trial in recorder.record.trials}
        further = [trial for trial in trials_wanted(recorder.record, self._trials) if trial.id not in there]
        records, planned = trial_records(further), plan(further, self._store)
        recorder.extend(records)
        display.extend(records, planned.work, state_of(recorder.record))
        return planned if further else None

    def _end(self, recorder: Recorder, display: Display, within_s: float) -> None:
        """Time is up: look at what there is, unless that is too little, or what was looked at before."""
        from assay.evidence.statistics.correction import FEWEST_SEEDS
        from assay.evidence.statistics.looks import share_left, taken
        from assay.store.run.looks import Look

        record = recorder.record
        recorder.drop_unfinished()
        compared = (t.row for t in record.trials if t.status == "finished" and t.seed >= 0 and t.row != record.base_row)
        seeds = max(Counter(compared).values(), default=0)
        if seeds >= max([FEWEST_SEEDS, *(each.look.seeds + 1 for each in taken(record))]):
            self._look(recorder, Look(seeds, share_left(record)), within_s)
        recorder.write()
        display.extend((), {}, "; ".join(filter(None, ("time is up", state_of(recorder.record)))))

    def _look(self, recorder: Recorder, look: Look, ended_s: float | None = None) -> bool:
        """Take it, unless there is nothing to be seen; the store knows of it before anybody else does."""
        from assay.evidence.measurements import measurements
        from assay.evidence.statistics.looks import look_at
        from assay.store.run.looks import keep_look

        recorder.write()
        looked = look_at(measurements(recorder.run), look, ended_s)
        if looked.cells:
            keep_look(self._store, looked)
            recorder.extend((), looked=(*recorder.record.looked, looked))
        return bool(looked.cells)


def state_of(record: RunRecord) -> str:
    """After a look, in a line: how many cells are open, in which rows, and what comes next; empty before the first."""
    from assay.evidence.measurements import shortened
    from assay.evidence.statistics.looks import next_look, open_cells, taken

    if not (done := taken(record)):
        return ""
    trained, left = {row.name for row in record.rows if not row.baseline}, open_cells(record, done[-1])
    cells = sum(cell.row in trained for cell in done[-1].cells)
    told = f"look at {done[-1].look.seeds} seeds: {cells - len(left)} of {cells} cells have a word"
    if left.empty:
        return told
    coming = next_look(record)
    then = f"; the next look is at {coming.seeds} seeds" if coming else ""
    return f"{told}; open in {shortened(dict.fromkeys(left['row']))}{then}"
