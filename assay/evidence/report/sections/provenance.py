"""Where a report's numbers come from: command, commit, versions, machine, data, seeds, and every trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assay.config.text.command_line import typed
from assay.evidence.report.blocks import Block, Cell, Grid, Listing, Section, Sentences, cell_of
from assay.store.run.folder import RunRecord, TrialRecord

__all__ = ["provenance_section", "trials_grid"]


def provenance_section(command: Sequence[str], noted: Mapping[str, Any]) -> Section:
    """The command, and whatever was noted of its circumstances."""
    lines = tuple((Cell(name), Cell(cell_of(value).text)) for name, value in _flat(noted))  # no column of numbers
    blocks: list[Block] = [Listing(typed(command))]
    blocks.append(Grid(("what", "value"), lines) if lines else Sentences(("The run noted no provenance.",), "missing"))
    git = noted.get("git")
    if isinstance(git, Mapping) and git.get("changed"):
        blocks.append(Sentences(("The code had changes that were not committed.",), "alarm"))
    return Section("provenance", "Provenance", tuple(blocks))


def trials_grid(record: RunRecord) -> Grid:
    """A line per trial: state, seconds that this run spent on it, stages that it did not train itself."""
    titles = {row.name: row.title for row in record.rows}
    columns = ("trial", "row", "seed", "state", "seconds", "stages reused", "reason")
    return Grid(columns, tuple(_trial(trial, titles) for trial in record.trials), "Trials")


def _trial(trial: TrialRecord, titles: Mapping[str, str]) -> tuple[Cell, ...]:
    seed = Cell(str(trial.seed) if trial.seed >= 0 else "–", kind="number")
    seconds = Cell(f"{trial.seconds:.1f}" if trial.seconds else "–", kind="number")
    reused = Cell(f"{len(trial.reused)} of {len(trial.stages)}" if trial.stages else "–")
    state = Cell(trial.status, kind="bad" if trial.status == "failed" else "")
    return Cell(trial.id), Cell(titles.get(trial.row, trial.row)), seed, state, seconds, reused, Cell(trial.reason)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}: ")
        else:
            yield f"{prefix}{name}", value
