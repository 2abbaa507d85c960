"""What a plan will cost: time and memory, from stored stages of the same make or from a few steps tried now."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from assay.config.section import paths_of
from assay.experiment.plan import Plan
from assay.experiment.queue import TrialQueue
from assay.experiment.trial import Trial
from assay.store.store import STAGES, TRIALS, Store
from assay.training.probe import Cost, probe
from smfnet.config.data import DataConfig
from smfnet.config.root import Config
from smfnet.data import patches, training_pairs
from smfnet.training import STAGE1, Stage

__all__ = ["Estimate", "estimate"]

# What a step's cost depends on.
_COST = (
    *("network.", "base.", "detail.", "graph.", "fuse.", "decoder.", "data.patch"),
    *("train.batch", "train.device", "train.bf16", "train.tf32", "train.threads"),
)


@dataclass(frozen=True)
class Estimate:
    """What is left to do.

    Attributes:
        work_s: seconds of all stages and measurements, one after the other.
        wall_s: seconds with so many trials at once.
        memory: bytes of one trial at its height.
        measured: stages whose cost is that of stored ones of the same make.
        tried: stages whose cost is that of a few steps of a stage of the same kind, tried now.
    """

    work_s: float
    wall_s: float
    memory: int
    measured: int
    tried: int


def estimate(plan: Plan, store: Store, slots: int, try_out: Callable[[Stage, int], Cost] = probe) -> Estimate:
    """Estimate what the open trials of a plan will take.

    Args:
        plan: trials against the store.
        store: its finished stages tell what such stages took.
        slots: trials at once.
        try_out: measures a stage, with patches of so many pixels, of which the store knows nothing like it; called once
            per kind of stage.
    """
    known = _known_costs(store)
    configs = {named.fingerprint: trial.config for trial in plan.open for named in trial.stages}
    tried: dict[str, Cost] = {}
    costs: dict[str, Cost] = {}
    measured = 0
    for named in plan.to_train:
        config = configs[named.fingerprint]
        cost = known.get(_make(named.stage.kind, paths_of(config)))
        measured += cost is not None
        costs[named.fingerprint] = cost or _tried(named.stage, config.data.patch, tried, try_out)
    steps = {n.fingerprint: n.epochs * _steps_per_epoch(configs[n.fingerprint]) for n in plan.to_train}
    seconds = {name: costs[name].step_s * count for name, count in steps.items()}
    test_s = _seconds_to_measure(store)
    return Estimate(
        work_s=sum(seconds.values()) + test_s * len(plan.open),
        wall_s=_wall(plan, seconds, test_s, slots),
        memory=max((cost.memory for cost in costs.values()), default=0),
        measured=measured,
        tried=len(costs) - measured,
    )


def _make(kind: str, values: Mapping[str, Any]) -> str:
    """Equal for stages whose steps cost the same; the fusion layers rest in stage I."""
    prefixes = tuple(prefix for prefix in _COST if kind != STAGE1 or prefix != "fuse.")
    relevant = {path: value for path, value in values.items() if path.startswith(prefixes)}
    return f"{kind} {sorted((path, _plain(value)) for path, value in relevant.items())}"


def _plain(value: Any) -> str:
    return str(list(value) if isinstance(value, list | tuple) else value)


def _known_costs(store: Store) -> dict[str, Cost]:
    found: dict[str, list[Cost]] = defaultdict(list)
    for entry in store.entries(STAGES):
        record = entry.record
        if record.steps > 1 and record.seconds is not None:
            cost = Cost(record.seconds / record.steps, record.memory)
            found[_make(record.kind, record.config)].append(cost)
    return {
        make: Cost(median(cost.step_s for cost in costs), max(cost.memory for cost in costs))
        for make, costs in found.items()
    }


def _tried(stage: Stage, patch: int, tried: dict[str, Cost], try_out: Callable[[Stage, int], Cost]) -> Cost:
    if stage.kind not in tried:
        tried[stage.kind] = try_out(stage, patch)
    return tried[stage.kind]


def _steps_per_epoch(config: Config) -> int:
    """As configured, or as many as the training pairs give."""
    return config.train.steps_per_epoch or -(-_count(config.data) // config.train.batch)


@cache
def _count(data: DataConfig) -> int:
    return len(patches(training_pairs(data), data))


def _seconds_to_measure(store: Store) -> float:
    """Median time of the test step; 0 if nothing is known."""
    return median([entry.record.seconds or 0.0 for entry in store.entries(TRIALS)] or [0.0])


def _wall(plan: Plan, seconds: Mapping[str, float], test_s: float, slots: int) -> float:
    """Play the run: trials take slots in their order, and one whose stage another is making lets others pass."""
    queue = TrialQueue(plan.stored, plan.open)
    events: list[tuple[float, int, str, Trial]] = []  # when, in which order, stage that is stored or "", trial
    now, busy, count = 0.0, 0, itertools.count()
    while queue or events:
        started = queue.next() if busy < slots else None
        if started:
            busy += 1
            then = now
            for named in queue.makes(started):
                then += seconds[named.fingerprint]
                heapq.heappush(events, (then, next(count), named.fingerprint, started))
            heapq.heappush(events, (then + test_s, next(count), "", started))
            continue
        now, _, stage, trial = heapq.heappop(events)
        if stage:
            queue.stored([stage])
        else:
            busy -= 1
            queue.leave(trial)
    return now
