"""A run in one line: what it is, how far it has come, and when it will have ended."""

from __future__ import annotations

import math
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assay.config.errors import UserError, one_line
from assay.config.reading import MIB, read_file
from assay.evidence.search_record import read_search_record
from assay.evidence.search_results import FORMAT, search_results
from assay.store.received.inside import inside
from assay.store.run.folder import RunFolder
from assay.view.folder.found import SEARCH, is_search

__all__ = ["Summary", "live", "summary_of"]

_ENDED = ("finished", "failed", "stopped")


@dataclass(frozen=True)
class Summary:
    """What the first page tells of a run.

    Attributes:
        name: its path below the folder that is viewed.
        kind: `ablation` or `search`; empty where nothing can be read.
        suite: of an ablation; of a search the names of its parameters.
        states: state of a trial -> how many are in it.
        asked: trials in all, as far as they are known.
        changed: when its record was written last, in seconds since the epoch.
        started: as the run says it.
        typical_s: median of the seconds of finished trials; nan if none is known.
        needs: names of the store's entries that it is made of.
        problem: why it cannot be read; empty if it can.
        writing: whether a command is writing to it.
    """

    name: str
    kind: str = ""
    suite: str = ""
    states: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    changed: float = 0.0
    started: str = ""
    typical_s: float = math.nan
    needs: frozenset[str] = frozenset()
    problem: str = ""
    writing: bool = False

    @property
    def words(self) -> str:
        """By which it can be found, in small letters."""
        return f"{self.name} {self.kind} {self.suite} {self.state}".lower()

    @property
    def ended(self) -> int:
        """Trials that have come to an end, whichever."""
        return sum(self.states[state] for state in _ENDED)

    @property
    def share(self) -> float:
        """Of the trials, which have ended; in 0..1."""
        return min(self.ended / self.asked, 1.0) if self.asked else 0.0

    @property
    def state(self) -> str:
        """`damaged`, `running`, `unfinished`, `failures` or `finished`."""
        if self.problem:
            return "damaged"
        if self.ended < self.asked or not self.asked:
            return "running" if self.writing else "unfinished"
        return "failures" if self.states["failed"] else "finished"

    @property
    def left_s(self) -> float:
        """Seconds that it will still take, by the median of its trials; nan if that is unknown or it does not go on."""
        if self.state != "running":
            return math.nan
        at_once = max(self.states["running"], 1)
        begun = min(self.states["running"], self.asked - self.ended) / 2  # half of each is done, on average
        return math.ceil(max(self.asked - self.ended - begun, 0) / at_once) * self.typical_s


def summary_of(name: str, folder: Path) -> Summary:
    """Read a run's records; what is wrong with it is its problem, and no error."""
    changed = _changed(folder)
    try:
        found = _search(folder) if is_search(folder) else _ablation(folder)
    except (UserError, OSError, ValueError) as error:
        kind = "search" if is_search(folder) else ""
        return Summary(name, kind, changed=changed, problem=one_line(str(error), most=300))
    return replace(found, name=name, changed=changed)


def live(summary: Summary, *, writing: bool) -> Summary:
    """The same, with what holds at this moment."""
    return replace(summary, writing=writing)


def _changed(folder: Path) -> float:
    """When one of its records was written last; now, if none is there any more."""
    times = [path.lstat().st_mtime for name in ("run.json", SEARCH, "trials.csv") if (path := folder / name).is_file()]
    return max(times, default=time.time())


def _ablation(folder: Path) -> Summary:
    record = RunFolder(folder).record
    trials = record.trials
    free = {row.name for row in record.rows if row.baseline}
    seconds = [each.seconds for each in trials if each.status == "finished" and each.row not in free]
    needs = (name for each in trials for name in (each.fingerprint, *each.stages) if name)
    started = str(record.provenance.get("started", ""))
    states = Counter(trial.status for trial in trials)
    return Summary("", "ablation", record.suite, states, len(trials), 0.0, started, _median(seconds), frozenset(needs))


def _search(folder: Path) -> Summary:
    if not inside(folder, "trials.csv").is_file():
        record = read_search_record(read_file(inside(folder, SEARCH), MIB), FORMAT)
        told = record.get("asked") or {}
        return Summary("", "search", _names(record["space"]), asked=int(told.get("trials", 0)))
    results = search_results(folder)
    trials = results.trials
    own = trials[trials["origin"] == ""]
    told = results.record.get("asked") or {}
    started = str(results.record.get("provenance", {}).get("started", ""))
    seconds = own.loc[own["state"] == "finished", "seconds"].tolist() if "seconds" in own else []
    found = Summary(
        "",
        "search",
        _names(results.space),
        Counter(own["state"]),
        max(int(told.get("trials", 0)), len(own)),
        started=started,
        typical_s=_median(seconds),
    )
    return _confirmed(found, folder) if (folder / "run.json").is_file() else found


def _names(space: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(parameter["name"] for parameter in space)


def _confirmed(search: Summary, folder: Path) -> Summary:
    """A search together with the trials that confirm it; what it was asked for and did not try is not waited for."""
    found = _ablation(folder)
    states = search.states + found.states
    return replace(found, kind="search", suite=search.suite, states=states, asked=sum(states.values()))


def _median(seconds: Iterable[float]) -> float:
    known = [each for each in seconds if math.isfinite(each) and each > 0]
    return statistics.median(known) if known else math.nan
