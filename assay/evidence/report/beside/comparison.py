"""Two runs side by side: what was different in their making, and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pandas as pd

from assay.config.errors import UserError, unknown
from assay.evidence.measurements import Measurements, measurements
from assay.evidence.report.beside.comparable import same_data
from assay.evidence.statistics.verdict import Verdicts, verdicts_of
from assay.store.run.folder import RowRecord, RunFolder, RunRecord

__all__ = ["FIRST", "SECOND", "circumstances", "paired_runs", "paired_verdicts", "side_by_side"]

FIRST, SECOND = "first", "second"


def circumstances(first: RunFolder, second: RunFolder) -> pd.DataFrame:
    """Configuration and provenance that differ: a line per path, columns first and second."""
    values = [_values(run) for run in (first, second)]
    paths = list(dict.fromkeys([*values[0], *values[1]]))
    lines = [(path, values[0].get(path, ""), values[1].get(path, "")) for path in paths]
    different = [line for line in lines if line[1] != line[2]]
    return pd.DataFrame(different, columns=["path", FIRST, SECOND]).set_index("path")


def side_by_side(first: RunFolder, second: RunFolder) -> pd.DataFrame:
    """Means of the rows that both runs have: a line per row x metric.

    Columns: row, title, metric, first and second (mean over seeds and over each run's images), difference, and the
    numbers of seeds. Whether a difference is resolved is told by `paired_runs`, row by row.
    """
    sides = [measurements(run) for run in (first, second)]
    rows = [row for row in sides[0].record.rows if row.name in {other.name for other in sides[1].record.rows}]
    lines = []
    for row in rows:
        for metric in _shared_metrics(*sides):
            means = [_mean(side, row.name, metric) for side in sides]
            seeds = [0 if row.baseline else len(side.seeds(row.name)) for side in sides]
            lines.append((row.name, row.title, metric, *means, means[1] - means[0], *seeds))
    names = ["row", "title", "metric", FIRST, SECOND, "difference", f"seeds_{FIRST}", f"seeds_{SECOND}"]
    return pd.DataFrame(lines, columns=names)


def paired_runs(first: RunFolder, second: RunFolder, row: str) -> Measurements:
    """One row of two runs as if it were two rows of one run, to be given to `verdicts_of` and the figures.

    Pairs are made of images and seeds that both runs have. If the test images of the runs differ although their names
    are equal, a note says so.

    Args:
        first: the run that takes the place of the base.
        second: the run that is compared with it.
        row: name of a trained row that both have.

    Raises:
        UserError: a run does not have the row, or they share no image.
    """
    sides = [measurements(run) for run in (first, second)]
    for side in sides:
        if row not in {each.name for each in side.trained}:
            raise unknown("row", row, [each.name for each in side.trained])
    return _paired(first, second, sides, row)


def paired_verdicts(first: RunFolder, second: RunFolder) -> Verdicts | None:
    """On every trained row that both runs have, the second's less the first's; each row is corrected by itself.

    Returns:
        As `verdicts_of`, with titles of rows; None if the runs share no row, or no sample of one.

    Raises:
        UserError: a file of a run is damaged.
    """
    sides = [measurements(run) for run in (first, second)]
    known = {row.name for row in sides[1].trained}
    found = []
    for row in (row for row in sides[0].trained if row.name in known):
        with suppress(UserError):  # they share no sample
            verdicts = verdicts_of(_paired(first, second, sides, row.name))
            found.append(replace(verdicts, data=verdicts.data.assign(row=row.name, title=row.title)))
    parts = [verdicts.data for verdicts in found if len(verdicts.data)]
    return replace(found[0], data=pd.concat(parts, ignore_index=True)) if parts else None


def _paired(first: RunFolder, second: RunFolder, sides: Sequence[Measurements], row: str) -> Measurements:
    images = tuple(image for image in sides[0].images if image in sides[1].images)
    if not images and not sides[0].whole & sides[1].whole:
        noun = first.record.sample
        raise UserError(f"the runs share no {noun} of {row}: expected two runs that were tested on the same {noun}s")
    values = pd.concat([_renamed(side, row, name) for side, name in zip(sides, (FIRST, SECOND), strict=True)])
    values = values[values["image"].isin(["", *images])].reset_index(drop=True)
    record = _record(first, second, row, _shared_metrics(*sides))
    return Measurements(
        record, values[values["metric"].isin(record.columns)], images, tuple(_notes(first, second, sides))
    )


def _record(first: RunFolder, second: RunFolder, row: str, metrics: tuple[str, ...]) -> RunRecord:
    names = [run.folder.resolve().name for run in (first, second)]
    titles = (
        names
        if names[0] != names[1]
        else [f"{name} ({side})" for name, side in zip(names, (FIRST, SECOND), strict=True)]
    )
    rows = (RowRecord(FIRST, titles[0]), RowRecord(SECOND, titles[1]))
    about = replace(first.record, suite=row, rows=rows, trials=(), columns=metrics, base_row=FIRST, note="")
    # Looks are those of a run: two runs are held against each other once, with the seeds that they have.
    return replace(about, design=None, looks=(), looked=())


def _renamed(side: Measurements, row: str, name: str) -> pd.DataFrame:
    return side.values[side.values["row"] == row].assign(row=name)


def _notes(first: RunFolder, second: RunFolder, sides: Sequence[Measurements]) -> list[str]:
    notes = [f"{name}: {note}" for name, side in zip((FIRST, SECOND), sides, strict=True) for note in side.notes]
    told = f"The two runs were not tested on the same {first.record.sample}s."
    return notes if same_data(first.record, second.record) else [*notes, told]


def _shared_metrics(first: Measurements, second: Measurements) -> tuple[str, ...]:
    return tuple(metric for metric in first.record.columns if metric in second.record.columns)


def _mean(side: Measurements, row: str, metric: str) -> float:
    cube = side.cube(row, metric)
    return float(cube.to_numpy().mean()) if cube.size else float("nan")


def _values(run: RunFolder) -> dict[str, str]:
    """Dotted path -> value, of configuration and provenance."""
    trees = {**run.config(), "provenance": dict(run.record.provenance)}
    flat = pd.json_normalize(trees, sep=".").iloc[0].to_dict() if trees else {}
    return {str(name): str(value) for name, value in flat.items()}
