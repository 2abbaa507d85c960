"""What runs beside each other do not have in common, and what may therefore not be compared between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay.evidence.measurements import counted
from assay.metric import Metric
from assay.store.run.folder import RowRecord, RunRecord

__all__ = ["same_data", "test_data", "uncompared"]

_DECIDES = ("better", "unit", "convention", "margin")  # fields of a metric


def test_data(record: RunRecord) -> object:
    """The fingerprint of what a run was tested on; None if it has noted none."""
    data = record.provenance.get("data")
    return data.get("test") if isinstance(data, Mapping) else data


def same_data(first: RunRecord, second: RunRecord) -> bool:
    """Whether nothing says that two runs were tested on other samples."""
    return test_data(first) == test_data(second)


def uncompared(records: Mapping[str, RunRecord]) -> list[str]:
    """Sentences, each of one thing that may not be compared between the runs and why; none if all may.

    Args:
        records: name of a run -> what it was asked for; the first is what the others are held against.
    """
    (name, first), *others = records.items()
    return [sentence for other, record in others for sentence in _of_two(name, first, other, record)]


def _of_two(name: str, first: RunRecord, other: str, second: RunRecord) -> Iterator[str]:
    yield from _bases(name, first, other, second)
    if not same_data(first, second):
        noun = first.sample
        yield (
            f"{other} was not tested on the {noun}s of {name}: means of the two, and which is better, may not be "
            "compared; each run's differences to its own base may."
        )
    yield from _metrics(name, first, other, second)
    yield from _rows(name, first, other, second)


def _bases(name: str, first: RunRecord, other: str, second: RunRecord) -> Iterator[str]:
    bases = [_base(record) for record in (first, second)]
    if first.base_row != second.base_row:
        yield (
            f"Differences and verdicts of {name} are to {bases[0]}, those of {other} to {bases[1]}: they answer "
            "different questions."
        )


def _base(record: RunRecord) -> str:
    return next((row.title for row in record.rows if row.name == record.base_row), record.base_row)


def _metrics(name: str, first: RunRecord, other: str, second: RunRecord) -> Iterator[str]:
    sides = [{metric.name: metric for metric in record.shown} for record in (first, second)]
    for having, lacking, own, theirs in ((name, other, *sides), (other, name, *reversed(sides))):
        if alone := [metric for metric in own if metric not in theirs]:
            yield f"{_listed(alone)}: measured by {having} alone, not by {lacking}."
    for metric in (metric for metric in sides[0] if metric in sides[1]):
        if told := _other_measure(sides[0][metric], sides[1][metric]):
            yield f"{metric} is not the same in {other} as in {name}: {told}."


def _other_measure(one: Metric, other: Metric) -> str:
    """In what two metrics of one name differ, of what decides a number or a word."""
    pairs = {field: (getattr(one, field), getattr(other, field)) for field in _DECIDES}
    told = {field: [str(each) if each else "none" for each in pair] for field, pair in pairs.items()}
    return ", ".join(f"{field} {theirs} instead of {own}" for field, (own, theirs) in told.items() if own != theirs)


def _rows(name: str, first: RunRecord, other: str, second: RunRecord) -> Iterator[str]:
    sides = [{row.name: row for row in record.rows} for record in (first, second)]
    shared = [row for row in sides[0] if row in sides[1]]
    if not shared:
        yield f"{name} and {other} have no row in common."
    for row in shared:
        if (told := _changed(sides[0][row])) != (theirs := _changed(sides[1][row])):
            yield f"The row {row} is not the same change: {told} in {name}, {theirs} in {other}."
    seeds = [len({trial.seed for trial in record.trials if trial.seed >= 0}) for record in (first, second)]
    if shared and seeds[0] != seeds[1]:
        yield (
            f"{name} was trained under {counted(seeds[0], 'seed')}, {other} under {counted(seeds[1], 'seed')}: a word "
            "that only one of them has found may be due to that."
        )


def _changed(row: RowRecord) -> str:
    if row.baseline:
        return "a rule without training"
    return ", ".join(f"{path}={value}" for path, value in sorted(row.changes.items())) or "no change"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
