"""What is kept: files that were sent elsewhere, entries of a store, a page of them, a trial that was trained again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from assay.documents.envelope import Numbers, Part, Plain, Result, Text

if TYPE_CHECKING:
    from assay.runs.export import Exported
    from assay.store.store import Entry

__all__ = [
    *("Collected", "Damage", "Entries", "EntryPart", "Export", "Rerun", "StoreEntry", "Unpacked", "Verified", "Viewed"),
    *("entry_part", "export_of", "store_entry_of"),
]


class Export(Result):
    """The result of `export`."""

    kind: Literal["export"] = "export"
    file: Text
    bytes: int
    files: int
    """In the zip file."""
    weights: list[Text]
    """Trials whose weights are in it."""
    models: list[Text]
    """Files for other programs in it."""
    unfinished: list[Text]
    """Trials that have no weights, as they did not finish."""


class Unpacked(Result):
    """The result of `export --unpack`."""

    kind: Literal["unpacked"] = "unpacked"
    folder: Text


class EntryPart(Part):
    """An entry of a store."""

    id: Text
    entry: Text
    """`stages`, `trials` or `looks`."""
    row: Text | None
    seed: int | None
    made: Text
    """When; ISO 8601, UTC."""
    seconds: float | None


class Entries(Result):
    """The result of `store list`."""

    kind: Literal["entries"] = "entries"
    storage: Text
    entries: list[EntryPart]
    """Newest last."""
    damaged: int
    """More, whose record cannot be read."""


class StoreEntry(Result):
    """The result of `store show`."""

    kind: Literal["entry"] = "entry"
    id: Text
    entry: Text
    record: dict[Text, Plain]
    """How it was made."""


class Damage(Part):
    """An entry that is not as it was written."""

    id: Text
    entry: Text
    reason: Text


class Verified(Result):
    """The result of `store verify`."""

    kind: Literal["verified"] = "verified"
    entries: int
    checkpoints: int
    damaged: list[Damage]
    set_aside: bool
    """Whether what is damaged was moved."""


class Collected(Result):
    """The result of `store gc`."""

    kind: Literal["collected"] = "collected"
    stages: list[Text]
    files: int
    bytes: int
    removed: bool
    """False of a dry run."""


class Viewed(Result):
    """The result of `view`, which is printed when the page can be opened; the command goes on until it is ended."""

    kind: Literal["view"] = "view"
    address: str
    """Of the page, on this machine alone, with the secret that opens it."""


class Rerun(Result):
    """The result of `ablate --rerun`."""

    kind: Literal["rerun"] = "rerun"
    trial: Text
    numbers: int
    """That were compared."""
    differing: int
    largest: Numbers
    """Metric -> the largest difference, of those that have one."""
    not_compared: list[Text]
    """Samples and metrics that the stored trial lacks."""
    failure: Text
    """Why it fails now; empty if it does not."""


def export_of(done: Exported) -> Export:
    """The document of what was written."""
    return Export(
        file=str(done.path),
        bytes=done.path.stat().st_size,
        files=done.files,
        weights=[trial.id for trial in done.weights],
        models=list(done.models),
        unfinished=[trial.id for trial in done.unfinished],
    )


def entry_part(entry: Entry) -> EntryPart:
    """A line of `store list`."""
    record = entry.record
    row = record.row or record.kind or None
    about = {"row": row, "seed": record.seed, "made": record.made, "seconds": record.seconds}
    return EntryPart.model_validate({"id": entry.fingerprint, "entry": entry.kind, **about})


def store_entry_of(entry: Entry) -> StoreEntry:
    """All that is known of an entry."""
    return StoreEntry(id=entry.fingerprint, entry=entry.kind, record=dict(vars(entry.record)))
