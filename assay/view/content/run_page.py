"""What a run's page says beside its evidence: its trials, what it was made with, and of a search what it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.config.errors import UserError
from assay.evidence.report.blocks import Block, Grid, grid_of
from assay.evidence.report.sections.provenance import provenance_section, trials_grid
from assay.evidence.search_record import validated_on
from assay.evidence.search_results import SearchResults, search_results
from assay.evidence.search_shortfalls import shortfalls
from assay.evidence.tables.confirmed import answer_of
from assay.evidence.tables.search import best_table, search_lines
from assay.store.run.folder import RunFolder
from assay.view.content.trials import named_trials, search_columns, sorted_trials
from assay.view.drawn import address
from assay.view.folder.found import is_search

__all__ = ["SearchAbout", "Trials", "about_run", "about_search", "search_of", "trial_lines"]


@dataclass(frozen=True)
class Trials:
    """A run's trials as a table.

    Attributes:
        grid: a line per trial.
        texts: ids of trials of which something is kept -> `errors`, `logs` or both.
        sort: the column by which they are sorted, with a minus before it if the largest is first; empty if by none.
        sortable: the columns by which they can be, where a page shows only some of the lines.
        failed: which failed and why, a sentence each; the first ones.
    """

    grid: Grid
    texts: Mapping[str, list[str]]
    sort: str = ""
    sortable: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def links(self, run: str) -> dict[str, str]:
        """Trial's id -> the address of what is kept of it."""
        return {name: address("/trial", at=run, id=name) for name in self.texts}

    def heads(self, run: str) -> dict[str, str]:
        """Column -> the address that sorts by it, the other way round where it is sorted by it already."""
        turned = {name: f"-{name}" if self.sort == name else name for name in self.sortable}
        return {name: f"{address('/run', at=run, sort=sort)}#trials" for name, sort in turned.items()}


@dataclass(frozen=True)
class SearchAbout:
    """What a search found.

    Attributes:
        best: its best configurations; None if no trial has finished.
        alarms: what was asked for and was not done.
        notes: whatever else there is to say.
    """

    best: Grid | None
    alarms: tuple[str, ...]
    notes: tuple[str, ...]


def search_of(folder: Path) -> SearchResults | None:
    """A search's tables; None while it has none yet.

    Raises:
        UserError: a file in it is damaged.
    """
    return search_results(folder) if (folder / "trials.csv").is_file() else None


def about_search(folder: Path, results: SearchResults | None) -> SearchAbout:
    """The report's words on a search.

    Raises:
        UserError: a file of its confirmation is damaged.
    """
    if results is None:
        return SearchAbout(None, (), ("No trial has begun.",))
    caption = f"On {validated_on(results.record)}"
    best = grid_of(best_table(results), caption=caption) if len(results.finished) else None
    line = answer_of(results, RunFolder(folder)).line
    return SearchAbout(best, tuple(shortfalls(results)), tuple(filter(None, (line, *search_lines(results)))))


def trial_lines(folder: Path, words: Mapping[str, str]) -> Trials:
    """The trials of a run; of a search they can be sorted by any column.

    Args:
        folder: of the run.
        words: of the address: `sort`.

    Raises:
        UserError: a file in it is damaged.
    """
    texts = named_trials(folder)
    if not is_search(folder):
        record = RunFolder(folder).record
        failed = [f"{each.id}: {each.reason}" for each in record.trials if each.status == "failed"]
        return Trials(trials_grid(record), texts, failed=_first(failed))
    results = search_of(folder)
    if results is None:
        return Trials(Grid((), ()), texts)
    sort = words.get("sort", "")
    columns = search_columns(results)
    found = sorted_trials(results, sort).trials
    return Trials(grid_of(found[columns]), texts, sort, tuple(columns))


def _first(lines: Sequence[str], most: int = 8) -> tuple[str, ...]:
    return (*lines[:most], f"and {len(lines) - most} more") if len(lines) > most else tuple(lines)


def about_run(folder: Path) -> tuple[Block, ...]:
    """The command, and what is known of its circumstances.

    Raises:
        UserError: it is damaged.
    """
    if (folder / "run.json").is_file():
        record = RunFolder(folder).record
        return provenance_section(record.command, record.provenance).blocks
    try:
        found = search_results(folder).record
    except UserError:
        return ()
    return provenance_section(tuple(map(str, found.get("command", ()))), found.get("provenance", {})).blocks
