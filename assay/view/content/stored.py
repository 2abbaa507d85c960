"""What is in a store: entries with their sizes, which runs need them, and what the loss of one would mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.config.errors import UserError
from assay.store.store import STAGES, TRIALS, Entry, Store
from assay.view.folder.summary import Summary
from assay.view.folder.viewed import Absent

__all__ = ["Stored", "delete", "entries_of", "lost_with", "stored"]


@dataclass(frozen=True)
class Stored:
    """An entry.

    Attributes:
        entry: what it is, and how it was made.
        size: bytes of its files.
        runs: names of the runs that are made of it.
        trials: entries of trials that are made of it.
    """

    entry: Entry
    size: int
    runs: tuple[str, ...]
    trials: tuple[str, ...]

    @property
    def removable(self) -> bool:
        """Whether it can be made again."""
        return self.entry.kind in (STAGES, TRIALS)

    @property
    def title(self) -> str:
        """The row, or the kind of stage."""
        return self.entry.record.row or self.entry.record.kind


def entries_of(folder: Path, lines: Iterable[Summary]) -> list[Stored]:
    """Every entry of a store, newest first; what is damaged is passed over.

    Args:
        folder: of the store.
        lines: runs that may need something of it.

    Raises:
        UserError: it cannot be read, or a newer version wrote it.
    """
    store = Store.to_read(str(folder))
    found = [entry for kind in store.kinds() for entry in store.entries(kind)]
    trials = _users((entry.fingerprint, entry.record.stages) for entry in found if entry.kind == TRIALS)
    runs = _users((line.name, line.needs) for line in lines)
    each = [
        Stored(one, _size(store, one), runs.get(one.fingerprint, ()), trials.get(one.fingerprint, ())) for one in found
    ]
    return sorted(each, key=lambda one: one.entry.record.made, reverse=True)


def _users(needs: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str, tuple[str, ...]]:
    """Needed thing -> those that need it."""
    found: dict[str, list[str]] = {}
    for name, things in needs:
        for thing in things:
            found.setdefault(thing, []).append(name)
    return {thing: tuple(names) for thing, names in found.items()}


def _size(store: Store, entry: Entry) -> int:
    folder = f"{entry.kind}/{entry.fingerprint}"
    return sum(store.files.size(f"{folder}/{name}") for name in (*entry.record.files, "record.json"))


def stored(every: Iterable[Stored], kind: str, fingerprint: str) -> Stored:
    """One of them.

    Raises:
        Absent: it is not there.
    """
    for each in every:
        if (each.entry.kind, each.entry.fingerprint) == (kind, fingerprint):
            return each
    raise Absent("the store has no such entry; it may have been removed meanwhile")


def lost_with(one: Stored) -> list[str]:
    """What would be lost with an entry, a sentence each."""
    record = one.entry.record
    seconds = f", {record.seconds:.0f} s of work" if record.seconds else ""
    if one.entry.kind not in (STAGES, TRIALS):
        return [f"Entries of the kind {one.entry.kind} stay: what later runs may say rests on them."]
    if one.entry.kind == STAGES:
        what = f"the weights of a stage of {record.epochs} epochs{seconds}" if record.epochs else f"a stage{seconds}"
    else:
        what = f"what was measured of one trial{seconds}"
    lines = [f"Lost would be {what}: a run that needs it makes it again."]
    if one.runs:
        lines.append(
            f"Needed by {', '.join(one.runs)}: tables and reports of these stay as they are, but networks, exports "
            "and further seeds that go on from it need it."
        )
    else:
        lines.append("No run below the folder that is viewed needs it; runs elsewhere may.")
    if one.trials:
        lines.append(f"{len(one.trials)} measured trial(s) in the store were made of it; their numbers stay.")
    return lines


def delete(folder: Path, one: Stored, lines: Iterable[Summary]) -> None:
    """Remove an entry from its store.

    Raises:
        UserError: it is neither a stage nor a trial, or a run goes on, which may be reading it.
    """
    if not one.removable:
        raise UserError(f"entries of the kind {one.entry.kind} stay: expected a stage or a trial")
    going = [line.name for line in lines if line.state == "running"]
    if going:
        raise UserError(f"{going[0]} is being written: wait until it has ended, then remove entries")
    Store(str(folder)).remove(one.entry)
