"""What steps of training and the test step cost, as far as the store can tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from statistics import median
from typing import Any

from assay.config.section import fields_of, paths_of
from assay.experiment.plan import Plan
from assay.stage import Cost
from assay.store.record import Record
from assay.store.store import STAGES, TRIALS, Entry, Store

__all__ = ["KnownCosts"]

_MOST_READ = 200  # entries of each kind, the plan's own and others: enough for medians, whatever the store has become
_SIZE = ("network.", "data.patch", "train.")
_LENGTH = ("train.epochs", "train.stage1_epochs", "train.steps_per_epoch", "train.checkpoint_s")
_PARTS = ("base.", "detail.", "graph.", "fuse.", "decoder.")
_TEST = ("data.source", "data.root", "data.test", "data.limit_test", "data.scenes.", "train.threads", "train.device")
_TEST_ALONE = ("data.test", "data.limit_test")


class KnownCosts:
    """Of stored stages and measurements; the plan's own are looked at first, then any others.

    Args:
        store: to look into.
        plan: its fingerprints, what its configuration declares, and what its stages read of it.
    """

    def __init__(self, store: Store, plan: Plan) -> None:
        declared = fields_of(plan.trials[0].config).items() if plan.trials else ()
        self._before = {path: _plain(item.metadata.get("as_before")) for path, item in declared}
        self._read: dict[str, set[str]] = defaultdict(set)
        for stage in {(named.stage.kind, named.stage.config): named.stage for named in plan.to_train}.values():
            self._read[stage.kind] |= paths_of(stage.config).keys()
        self._steps: dict[str, list[Cost]] = defaultdict(list)
        self._tests: dict[str, list[float]] = defaultdict(list)
        self._samples: dict[str, int] = {}
        for entry in _some(store, STAGES, plan.stages):
            self._note_stage(entry.record)
        for entry in _some(store, TRIALS, (trial.fingerprint for trial in plan.trials)):
            self._tests[self._key("test", entry.record.config, _TEST)].append(entry.record.seconds or 0.0)

    def step(self, kind: str, values: Mapping[str, Any]) -> Cost | None:
        """A step of such a stage of the very same network."""
        return self._median(self._make(kind, values))

    def step_of_others(self, kind: str, values: Mapping[str, Any]) -> Cost | None:
        """A step of such a stage with other parts, of the same width, patches, batch and device."""
        return self._median(self._key(kind, values, _SIZE))

    def test_s(self, values: Mapping[str, Any]) -> float | None:
        """Seconds of the test step on the same images."""
        found = self._tests.get(self._key("test", values, _TEST))
        return median(found) if found else None

    def samples(self, values: Mapping[str, Any]) -> int | None:
        """What an epoch trains on, of the same data."""
        return self._samples.get(self._data(values))

    def _note_stage(self, record: Record) -> None:
        kind, values = record.kind, record.config
        if record.steps > 1 and record.seconds is not None:
            cost = Cost(record.seconds / record.steps, record.memory)
            for key in (self._make(kind, values), self._key(kind, values, _SIZE)):
                self._steps[key].append(cost)
        if record.samples:
            self._samples[self._data(values)] = record.samples

    def _median(self, key: str) -> Cost | None:
        costs = self._steps.get(key)
        return Cost(median(c.step_s for c in costs), max(c.memory for c in costs)) if costs else None

    def _make(self, kind: str, values: Mapping[str, Any]) -> str:
        """Equal for stages whose steps cost the same."""
        read = {path: value for path, value in values.items() if path in self._read[kind]}
        return self._key(kind, read, (*_SIZE, *_PARTS))

    def _data(self, values: Mapping[str, Any]) -> str:
        trained_on = {path: value for path, value in values.items() if not path.startswith(_TEST_ALONE)}
        return self._key("data", trained_on, ("data.",))

    def _key(self, kind: str, values: Mapping[str, Any], prefixes: tuple[str, ...]) -> str:
        """A value at which all is as before its field came does not count: entries of that time lack it."""
        chosen = [path for path in sorted(values) if path.startswith(prefixes) and path not in _LENGTH]
        known = ((path, _plain(values[path])) for path in chosen)
        return f"{kind} {prefixes} {[pair for pair in known if pair[1] != self._before.get(pair[0])]}"


def _some(store: Store, kind: str, own: Iterable[str]) -> Iterator[Entry]:
    there = set(store.fingerprints(kind))
    mine = there & set(own)
    names = (*islice(sorted(mine), _MOST_READ), *islice(sorted(there - mine), _MOST_READ))
    return (entry for entry in (store.find(kind, name) for name in names) if entry)


def _plain(value: Any) -> str:
    return str(list(value) if isinstance(value, list | tuple) else value)
