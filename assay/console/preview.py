"""What `--plan` prints: what would be done, what it would take, and what it could tell."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.config.root import RootConfig
    from assay.experiment.planning.estimate import Estimate, TryOut
    from assay.experiment.planning.plan import Plan
    from assay.stage import Cost, Stage
    from assay.store.run.folder import RunRecord
    from assay.store.store import Store
    from assay.study import Study

__all__ = ["beginning", "cost_lines", "plan_lines", "slots_here", "tried_out"]


_MOST_STAGES, _MOST_USERS = 40, 6  # that are listed


def plan_lines(
    study: Study,
    planned: Plan,
    record: RunRecord,
    config: RootConfig,
    store: Store,
    address: str | None,
    *,
    probe: bool = False,
    first: Plan | None = None,
    within: str = "",
) -> Iterator[str]:
    """The plan of a run; see `cost_lines` for `probe`.

    Args:
        first: what is done until the next look, if the run has looks; then the plan is what it may come to.
        within: what a wall-clock time allows for, in a line, if the run has one.
    """
    from assay.console.resolvable import smallest_effects
    from assay.evidence.measurements import counted

    open_trials, trials = len(planned.open), len(planned.trials)
    rows = sum(not row.baseline for row in record.rows)
    if record.design:
        from assay.design.sentences import sentences
        from assay.evidence.statistics.parts.notes import FEWEST_EFFECT_SEEDS

        yield from sentences(record.design)
        if config.seeds < FEWEST_EFFECT_SEEDS:
            yield f"Effects have words from {FEWEST_EFFECT_SEEDS} seeds on, with fewer intervals alone."
    most = "at most " * (first is not None)
    trained = f"{counted(trials, 'trial')}: {counted(rows, 'row')} x {counted(config.seeds, 'seed')}"
    yield f"{most}{trained}, {counted(len(record.rows) - rows, 'training-free row')}"
    yield f"  {trials - open_trials} measured already, {open_trials} to do"
    begun = f", {len(planned.begun)} of these go on from a checkpoint" if planned.begun else ""
    yield f"{len(planned.stages)} stages: {len(planned.shared)} shared, {len(planned.to_train)} to train{begun}"
    yield f"  {planned.epochs_to_train} epochs to train of {planned.epochs_asked} asked for"
    for named in planned.to_train[:_MOST_STAGES]:
        users = _some(planned.users[named.fingerprint])
        yield f"  {named.fingerprint[:12]} {named.stage.kind}, {named.epochs} epochs, for {users}"
    if len(planned.to_train) > _MOST_STAGES:
        yield f"  ... and {len(planned.to_train) - _MOST_STAGES} more"
    if planned.open:
        yield from cost_lines(study, planned, config, store, address, probe=probe)
    if first:
        yield from _look_lines(study, first, record, config, store, address)
    if within:
        yield within
    yield smallest_effects(study, planned, record, config, store)
    yield f"storage {store.files.root}; device {study.device_of(config)}"


def beginning(study: Study, planned: Plan, config: RootConfig, store: Store, address: str | None) -> str:
    """What is about to be done, in a line."""
    from assay.console.amounts import duration
    from assay.experiment.planning.estimate import estimate

    trained = [trial for trial in planned.open if not trial.rule]
    rows, free = len({trial.row for trial in trained}), len(planned.open) - len(trained)
    slots = slots_here(study, config, address)
    cost = estimate(study, planned, store, slots)
    time_told = "" if cost.unknown or not cost.wall_s else f", about {duration(cost.wall_s)}"
    return (
        f"to do: {len(trained)} trainings of {rows} rows{f', {free} training-free rows' * bool(free)}; "
        f"{len(planned.to_train)} stages to train, {slots} trials at once{time_told}"
    )


def _look_lines(
    study: Study, first: Plan, record: RunRecord, config: RootConfig, store: Store, address: str | None
) -> Iterator[str]:
    """The looks, and what it takes until the next one."""
    from assay.console.amounts import duration
    from assay.evidence.statistics.looks import look_notes, next_look
    from assay.experiment.planning.estimate import estimate

    yield from look_notes(record)
    if (coming := next_look(record)) is None:
        yield "no look is left to take: every cell has its word, or all looks were taken"
        return
    cost = estimate(study, first, store, slots_here(study, config, address))
    known = cost.unknown < len(first.to_train) or not first.to_train
    time_told = f", about {duration(cost.wall_s)}" if known else ""
    yield f"until the next look, at {coming.seeds} seeds: {len(first.open)} trials to do{time_told}"


def _some(users: list[str]) -> str:
    more = [f"{len(users) - _MOST_USERS} more"] if len(users) > _MOST_USERS else []
    return ", ".join(users[:_MOST_USERS] + more)


def cost_lines(
    study: Study, planned: Plan, config: RootConfig, store: Store, address: str | None, *, probe: bool = False
) -> Iterator[str]:
    """Time, share of the machine and memory of what is left to do, as far as they are known.

    Args:
        study: what is studied.
        planned: against the store.
        config: of the machines.
        store: tells what stages took.
        address: of a Ray cluster, or None.
        probe: try a few steps of stages of which the store knows nothing; takes minutes for large networks.
    """
    from assay.console.amounts import duration
    from assay.experiment.planning.estimate import estimate

    slots = slots_here(study, config, address)
    cost = estimate(study, planned, store, slots, tried_out(study) if probe else None)
    if cost.unknown == len(planned.to_train) > 0:
        yield f"time and memory: unknown until one ran{_HOW}"
        return
    end = time.strftime("%a %H:%M", time.localtime(time.time() + cost.wall_s))
    about = "more than" if cost.unknown else "about"
    yield f"time: {about} {duration(cost.wall_s)} with {slots} trial(s) at once, until {end}"
    if study.device_of(config) == "cuda":
        yield f"  {cost.work_s / 3600 * config.cluster.gpus_each:.2f} GPU-hours"
    else:
        yield f"  {cost.work_s / 3600 * config.cluster.cpus:.2f} core-hours"
    yield f"  {_source(cost)}"
    yield f"memory: about {cost.memory / 2**30:.1f} GiB a trial, {cost.memory * slots / 2**30:.1f} GiB at once"


_HOW = " (--probe tries a few steps of each kind of stage)"


def _source(cost: Estimate) -> str:
    """What the time rests on."""
    from assay.experiment.planning.estimate import Basis

    counts = [(cost.bases.get(basis, 0), basis.value) for basis in Basis]
    parts = [f"{count} stage{'s' if count > 1 else ''} {why}" for count, why in counts if count]
    text = (", ".join(parts) or "nothing to train") + _HOW * bool(cost.unknown)
    return text if cost.test_s is not None else f"{text}; without the test step, which has not run yet"


def tried_out(study: Study) -> TryOut:
    """Tries a few steps of a stage, once for each kind, and says what takes so long where somebody looks."""
    known: dict[str, Cost | None] = {}

    def try_out(config: Any, stage: Stage) -> Cost | None:
        if stage.kind not in known:
            known[stage.kind] = _tried(study, config, stage)
        return known[stage.kind]

    return try_out


def _tried(study: Study, config: Any, stage: Stage) -> Cost | None:
    from rich.console import Console

    console = Console(stderr=True)
    looking = console.status(f"trying a few steps of {stage.kind} ...") if console.is_terminal else nullcontext()
    with looking:
        return study.probe(config, stage)


def slots_here(study: Study, config: RootConfig, address: str | None) -> int:
    """Trials at once; of a cluster, whose size is not known before it is asked, `cluster.max_concurrent` or one."""
    import torch

    from assay.cluster.slots import slots_of

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    gpu = study.device_of(config) == "cuda"
    if address:
        return config.cluster.max_concurrent or 1
    fit = slots_of([{"CPU": cores, "GPU": torch.cuda.device_count()}], config.cluster, gpu)
    return min(fit, config.cluster.max_concurrent or fit)
