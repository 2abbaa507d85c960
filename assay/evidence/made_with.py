"""With which versions and on which machines the numbers of a table were made, and whether it mixes them."""

from __future__ import annotations

from collections import Counter

from assay.store.run.folder import RunRecord

__all__ = ["made_with_notes"]

_ON = ("processor", "GPU", "threads")


def made_with_notes(record: RunRecord) -> list[str]:
    """One sentence of what was the same for all finished trials, and one of every thing that was not.

    Nothing is said of runs that noted nothing.
    """
    counts = _counts(record)
    same = {name: next(iter(values)) for name, values in counts.items() if len(values) == 1}
    notes = [_same(same)] if same else []
    mixed = [
        f"{name} {', '.join(f'{value} ({count} trials)' for value, count in values.most_common())}"
        for name, values in counts.items()
        if len(values) > 1
    ]
    if mixed:
        notes.append(f"This table mixes {'; '.join(mixed)}: a difference between rows may be one between these.")
    return notes


def _counts(record: RunRecord) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for trial in record.trials:
        for name, values in trial.made_with.items() if trial.status == "finished" else ():
            counts.setdefault(name, Counter()).update(values)
    return counts


def _same(values: dict[str, str]) -> str:
    versions = ", ".join(f"{name} {value}" for name, value in values.items() if name not in _ON)
    places = [values[name] for name in ("GPU", "processor") if values.get(name, "none") != "none"]
    threads = [f"{values['threads']} thread(s) a trial"] if "threads" in values else []
    made = f"Made with {versions}" if versions else "Made"
    where = f" on {', '.join((*places, *threads))}" if places or threads else ""
    return f"{made}{where}: elsewhere the last digits differ, and a short training amplifies that."
