"""What trials of a run have printed, and why some failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from assay.config.reading import MIB, read_file
from assay.evidence.search_results import SearchResults
from assay.store.received.inside import inside

__all__ = ["Texts", "named_trials", "search_columns", "sorted_trials", "texts_of"]

_KINDS = ("errors", "logs")
_SHOWN = 200_000  # characters of a file, the last ones
_MOST = 256 * MIB


@dataclass(frozen=True)
class Texts:
    """Of one trial; empty where there is none.

    Attributes:
        error: the traceback, and what it printed.
        log: what it printed.
    """

    error: str
    log: str


def named_trials(folder: Path) -> dict[str, list[str]]:
    """Trials that have a text, by their ids -> `errors`, `logs` or both."""
    found: dict[str, list[str]] = {}
    for kind in _KINDS:
        for path in sorted(inside(folder, kind).glob("*.txt")):
            found.setdefault(path.stem, []).append(kind)
    return found


def texts_of(folder: Path, trial: str) -> Texts | None:
    """What a trial left; None if there is nothing of it."""
    kinds = named_trials(folder).get(trial)
    if kinds is None:
        return None
    error, log = (_text(inside(folder, kind, f"{trial}.txt")) if kind in kinds else "" for kind in _KINDS)
    return Texts(error, log)


def _text(path: Path) -> str:
    try:
        text = read_file(path, _MOST).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        return f"cannot be read: {error}"
    return text if len(text) <= _SHOWN else f"(the last {_SHOWN} characters of {len(text)})\n...{text[-_SHOWN:]}"


def search_columns(results: SearchResults) -> list[str]:
    """What the page shows of a search's trials."""
    own = [*results.objectives, *(parameter["name"] for parameter in results.space)]
    about = [name for name in ("seconds", "reason", "origin") if name in results.trials]
    if not (results.trials["origin"] != "").any():
        about.remove("origin")
    return ["trial", "role", "state", *own, *about]


def sorted_trials(results: SearchResults, by: str) -> SearchResults:
    """A search with its trials sorted by a column (`-VIF`: the largest first); as they are for any other word."""
    name = by.removeprefix("-")
    if name not in search_columns(results):
        return results
    rising = not by.startswith("-")
    trials = results.trials.sort_values(name, ascending=rising, kind="stable", key=_comparable)
    return replace(results, trials=trials)


def _comparable(column: pd.Series) -> pd.Series:
    """Numbers as they are; words and mixtures as texts."""
    return column.astype(str) if column.dtype == object else column
