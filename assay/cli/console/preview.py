"""What `--plan` prints: what would be done, what it would take, and what it could tell."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from assay.experiment.estimate import Estimate
    from assay.experiment.plan import Plan
    from assay.store.run import RunRecord
    from assay.store.store import Store
    from smfnet.config.root import Config

__all__ = ["preview", "print_cost"]


def preview(planned: Plan, record: RunRecord, config: Config, store: Store, address: str | None) -> None:
    """Print the plan of a run; trains no more than a few steps."""
    open_trials, trials = len(planned.open), len(planned.trials)
    rows = sum(not row.baseline for row in record.rows)
    print(f"{trials} trials: {rows} rows x {config.seeds} seeds, {len(record.rows) - rows} training-free rows")
    print(f"  {trials - open_trials} measured already, {open_trials} to do")
    print(f"{len(planned.stages)} stages: {len(planned.shared)} shared, {len(planned.to_train)} to train", end="")
    print(f", {len(planned.begun)} of these go on from a checkpoint" if planned.begun else "")
    print(f"  {planned.epochs_to_train} epochs to train of {planned.epochs_asked} asked for")
    for named in planned.to_train:
        users = [t.id for t in planned.trials if named.fingerprint in (n.fingerprint for n in t.stages)]
        print(f"  {named.fingerprint[:12]} {named.stage.kind}, {named.epochs} epochs, for {', '.join(users)}")
    if planned.open:
        print_cost(planned, config, store, address)
    print(_smallest_effects(planned, record, store, config.seeds))
    print(f"storage {store.files.root}; device {config.train.device}")


def print_cost(planned: Plan, config: Config, store: Store, address: str | None) -> None:
    """Time, share of the machine and memory of what is left to do."""
    from assay.cli.console.display import duration
    from assay.experiment.estimate import estimate

    slots = _slots(config, address)
    if sys.stderr.isatty():
        print("trying a few steps of stages that the storage knows nothing of ...", end="\r", file=sys.stderr)
    cost = estimate(planned, store, slots)
    end = time.strftime("%a %H:%M", time.localtime(time.time() + cost.wall_s))
    print("\033[K" * sys.stderr.isatty(), end="", file=sys.stderr, flush=True)
    print(f"time: about {duration(cost.wall_s)} with {slots} trial(s) at once, until {end}")
    if config.train.device == "cuda":
        print(f"  {cost.work_s / 3600 * config.cluster.gpus:.2f} GPU-hours")
    else:
        print(f"  {cost.work_s / 3600 * config.cluster.cpus:.2f} core-hours")
    print(f"  {_source(cost)}")
    print(f"memory: about {cost.memory / 2**30:.1f} GiB a trial, {cost.memory * slots / 2**30:.1f} GiB at once")


def _source(cost: Estimate) -> str:
    parts = [f"{cost.measured} stages as long as such stages took before"] if cost.measured else []
    parts += [f"{cost.tried} from a few steps on this machine"] if cost.tried else []
    return ", ".join(parts) or "nothing to train"


def _slots(config: Config, address: str | None) -> int:
    """Trials at once; of a cluster, whose size is not known before it is asked, `cluster.max_concurrent` or one."""
    import torch

    from assay.cluster.slots import slots_of

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    gpu = config.train.device == "cuda"
    if address:
        return config.cluster.max_concurrent or 1
    fit = slots_of([{"CPU": cores, "GPU": torch.cuda.device_count()}], config.cluster, gpu)
    return min(fit, config.cluster.max_concurrent or fit)


def _smallest_effects(planned: Plan, record: RunRecord, store: Store, seeds: int) -> str:
    """What the number of seeds could resolve, if the seeds that are measured vary as the others will."""
    from assay.evidence.measurements import Measurements
    from assay.evidence.statistics.budget import smallest_effect
    from assay.evidence.statistics.differences import row_differences

    unknown = "smallest difference that would be resolved: unknown"
    if seeds < 2:
        return f"{unknown}; one seed resolves nothing, give --seeds 2 or more"
    values = _measured(planned, store)
    enough = {str(row): len(set(seeds)) for row, seeds in values.groupby("row")["seed"]}
    rows = tuple(row for row in record.rows if not row.baseline and enough.get(row.name, 0) > 1)
    if len(rows) < 2 or record.base_row not in {row.name for row in rows}:
        return f"{unknown} until {record.base_row} and another row are measured under two seeds"
    pilot = Measurements(replace(record, rows=rows), values, tuple(sorted(values["image"].unique())), ())
    alpha = 0.05 / ((sum(not row.baseline for row in record.rows) - 1) * len(record.columns))
    found = {m: smallest_effect(row_differences(pilot, m), seeds, alpha).max() for m in record.columns}
    effects = ", ".join(f"{metric} {value:.3g}" for metric, value in found.items())
    return f"smallest difference to {record.base_row} that {seeds} seeds would more likely than not resolve: {effects}"


def _measured(planned: Plan, store: Store) -> pd.DataFrame:
    import pandas as pd

    from assay.store.store import TRIALS
    from assay.store.tables import MEASURED, read_table

    tables = [pd.DataFrame(columns=["row", "seed", "image", "metric", "value"])]
    for trial in planned.trials:
        entry = None if trial.rule else store.find(TRIALS, trial.fingerprint)
        data = store.read(entry, "results.parquet") if entry else None
        if data:
            tables.append(read_table(data, MEASURED).assign(row=trial.row, seed=trial.seed))
    return pd.concat(tables[1:] or tables, ignore_index=True)
