"""What steps of training and the test step cost, as far as the store can tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain, islice
from statistics import median
from typing import Any

from assay.config.root import RootConfig
from assay.config.section import fields_of, paths_of
from assay.experiment.planning.plan import Plan
from assay.stage import Cost
from assay.store.record import Record
from assay.store.store import STAGES, TRIALS, Entry, Store
from assay.study import Study

__all__ = ["KnownCosts"]

_MOST_READ = 200  # entries of each kind, the plan's own and others: enough for medians, whatever the store has become
_ENGINES = frozenset(paths_of(RootConfig()))  # they say who and where, not how long


class KnownCosts:
    """Of stored stages and measurements of a study; the plan's own are looked at first, then any others.

    Args:
        store: to look into.
        plan: its fingerprints, what its configuration declares, and what its stages read of it.
        study: whose plan it is; what another study's training took says nothing.
    """

    def __init__(self, store: Store, plan: Plan, study: Study) -> None:
        declared = fields_of(plan.trials[0].config).items() if plan.trials else ()
        self._before = {path: _plain(item.metadata.get("as_before")) for path, item in declared}
        self._study, self._pace = study.name, study.pace
        self._read: dict[str, set[str]] = defaultdict(set)
        for stage in {(named.stage.kind, named.stage.config): named.stage for named in plan.to_train}.values():
            self._read[stage.kind] |= paths_of(stage.config).keys()
        self._steps: dict[str, list[Cost]] = defaultdict(list)
        self._tests: dict[str, list[float]] = defaultdict(list)
        self._samples: dict[str, int] = {}
        for entry in _some(store, STAGES, plan.stages):
            if self._is_mine(entry.record, self._read[entry.record.kind]):
                self._note_stage(entry.record)
        for entry in _some(store, TRIALS, (trial.fingerprint for trial in plan.trials)):
            if self._is_mine(entry.record, {path for path, _ in declared}):
                self._tests[self._test(entry.record.config)].append(entry.record.seconds or 0.0)

    def step(self, kind: str, values: Mapping[str, Any]) -> Cost | None:
        """A step of such a stage of the very same network."""
        return self._median(self._make(kind, values))

    def step_of_others(self, kind: str, values: Mapping[str, Any]) -> Cost | None:
        """A step of such a stage with other values, those that tell its size apart."""
        return self._median(self._size(kind, values))

    def test_s(self, values: Mapping[str, Any]) -> float | None:
        """Seconds of the test step on the same samples; of any, if nobody says what it goes by."""
        others = chain.from_iterable(self._tests.values()) if self._pace.test is None else ()
        found = self._tests.get(self._test(values)) or list(others)
        return median(found) if found else None

    def samples(self, values: Mapping[str, Any]) -> int | None:
        """What an epoch trains on, of the same data; of any, if nobody says what that goes by."""
        others = self._samples.values() if self._pace.samples is None else ()
        return self._samples.get(self._data(values), max(others, default=None))

    def _is_mine(self, record: Record, paths: Collection[str]) -> bool:
        """An early record does not say whose it is, but what its configuration has."""
        return record.study == self._study or (not record.study and all(path in record.config for path in paths))

    def _note_stage(self, record: Record) -> None:
        kind, values = record.kind, record.config
        if record.steps > 1 and record.seconds is not None:
            cost = Cost(record.seconds / record.steps, record.memory)
            for key in (self._make(kind, values), self._size(kind, values)):
                self._steps[key].append(cost)
        if record.samples:
            self._samples[self._data(values)] = record.samples

    def _median(self, key: str) -> Cost | None:
        costs = self._steps.get(key)
        return Cost(median(c.step_s for c in costs), max(c.memory for c in costs)) if costs else None

    def _make(self, kind: str, values: Mapping[str, Any]) -> str:
        """Equal for stages whose steps cost the same."""
        return self._key(
            kind, {path: value for path, value in values.items() if path in self._read[kind]}, self._pace.step
        )

    def _size(self, kind: str, values: Mapping[str, Any]) -> str:
        return self._key(f"{kind} by size", values, self._pace.size)

    def _data(self, values: Mapping[str, Any]) -> str:
        return self._key("samples", values, self._pace.samples)

    def _test(self, values: Mapping[str, Any]) -> str:
        return self._key("test", values, self._pace.test)

    def _key(self, kind: str, values: Mapping[str, Any], told_by: tuple[str, ...] | None) -> str:
        """A value at which all is as before its field came does not count: entries of that time lack it."""
        own = sorted(path for path in values if path not in _ENGINES and not path.startswith(self._pace.neutral))
        known = [(path, _plain(values[path])) for path in own if told_by is None or path.startswith(told_by)]
        return f"{kind} {[each for each in known if each[1] != self._before.get(each[0])]}"


def _some(store: Store, kind: str, own: Iterable[str]) -> Iterator[Entry]:
    there = set(store.fingerprints(kind))
    mine = there & set(own)
    names = (*islice(sorted(mine), _MOST_READ), *islice(sorted(there - mine), _MOST_READ))
    return (entry for entry in (store.find(kind, name) for name in names) if entry)


def _plain(value: Any) -> str:
    return str(list(value) if isinstance(value, list | tuple) else value)
