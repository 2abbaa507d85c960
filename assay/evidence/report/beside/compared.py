"""Runs beside each other as one page: what may not be compared, verdicts, means, pairs, and what was different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from assay.config.errors import UserError
from assay.evidence.report.beside.comparable import same_data, uncompared
from assay.evidence.report.beside.comparison import paired_verdicts
from assay.evidence.report.beside.side_by_side import (
    MOST_RUNS,
    circumstances_grid,
    metric_grids,
    table_of_run,
    words_grid,
)
from assay.evidence.report.blocks import Block, Section, Sentences
from assay.evidence.report.page import page
from assay.evidence.report.sections.grids import differences_grid, table_grid
from assay.evidence.report.sections.search import is_search
from assay.evidence.tables.table import Table
from assay.store.disk.atomic import check_writable, write_text
from assay.store.disk.written import wrote
from assay.store.received.inside import inside
from assay.store.run.folder import RunFolder

__all__ = ["COMPARISON", "write_comparison"]

COMPARISON = "comparison.html"
_ABOUT = "Made of the results of the runs as they were; the same command makes it anew."
_MEANS = (
    "Mean ± standard deviation over seeds; the signs are each run's own verdicts against its base. Whether two runs "
    "differ is not told by their means."
)
_NOTHING = "Nothing that the runs have noted of themselves speaks against comparing them."
_PAIRED = (
    "Each row less the same row of {first}, paired over the {noun}s and seeds that both have. Each row is corrected by "
    "itself: with many rows some words will be false by chance."
)


def write_comparison(runs: Sequence[RunFolder]) -> Path:
    """Write comparison.html into the folder of the first run.

    Args:
        runs: two at least; the first is what the others are held against.

    Returns:
        The page's path.

    Raises:
        UserError: there are too few, too many, or one twice; a folder is no run, or a file in it is damaged.
    """
    named = _named(runs)
    path = inside(runs[0].folder, COMPARISON)
    remedy = "name another run first, or a copy of it: the page is written there"
    check_writable(runs[0].folder, "the folder of a run", remedy)
    tables = {name: table_of_run(run.folder) for name, run in named.items()}
    title = f"{', '.join(list(named)[:-1])} and {list(named)[-1]}"
    text = page(f"{len(named)} runs side by side", title, list(_sections(named, tables)), _ABOUT)
    write_text(path, text)
    wrote(path)
    return path


def _named(runs: Sequence[RunFolder]) -> dict[str, RunFolder]:
    """Runs by the names of their folders, or by their paths where two have one name."""
    if not 2 <= len(runs) <= MOST_RUNS:
        raise UserError(f"expected two to {MOST_RUNS} runs to compare; got {len(runs)}")
    places = [run.folder.resolve() for run in runs]
    if len(set(places)) < len(places):
        raise UserError("a run is given twice: expected different ones to compare")
    for run in runs:
        if is_search(run.folder) and not (run.folder / "run.json").is_file():
            raise UserError(f"{run.folder} is a search that has confirmed nothing: only tested rows can be compared")
    names = [place.name for place in places]
    if len(set(names)) < len(names):
        names = list(map(str, places))
    return dict(zip(names, runs, strict=True))


def _sections(runs: Mapping[str, RunFolder], tables: Mapping[str, Table]) -> Iterator[Section]:
    reasons = uncompared({name: run.record for name, run in runs.items()})
    about = Sentences(tuple(reasons), "alarm") if reasons else Sentences((_NOTHING,))
    yield Section("limits", "What may not be compared", (about,))
    if words := words_grid(tables):
        yield Section("verdicts", "Verdicts of the same cells", (words,))
    yield Section("means", "Means", (Sentences((_MEANS,)), *metric_grids(tables)))
    if paired := tuple(_paired(runs)):
        name, first = next(iter(runs.items()))
        told = _PAIRED.format(first=name, noun=first.record.sample)
        yield Section("paired", "Run against run", (Sentences((told,)), *paired))
    circumstances = circumstances_grid({name: run.folder for name, run in runs.items()})
    none = Sentences(("Configuration and provenance are the same.",))
    yield Section("different", "What was different", (circumstances or none,))
    for place, (name, table) in enumerate(tables.items()):
        yield Section(f"run-{place}", name, (table_grid(table), Sentences(table.notes)))


def _paired(runs: Mapping[str, RunFolder]) -> Iterator[Block]:
    """Of every further run that was tested on the same, its differences to the first."""
    (name, first), *others = runs.items()
    for other, run in others:
        verdicts = paired_verdicts(first, run) if same_data(first.record, run.record) else None
        if verdicts is not None:
            grid = differences_grid(verdicts, name, first.record.sample)
            yield replace(grid, caption=f"{other} less {name}; n: seeds × {first.record.sample}s")
