"""Carry out a plan of trials with the display on: what an ablation and the end of a search have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smfnet.config.root import Config
    from smfnet.experiment.plan import Plan
    from smfnet.experiment.results import Run, RunRecord
    from smfnet.experiment.store import Store
    from smfnet.experiment.suite import Suite, Variant

__all__ = ["record_of", "run_plan"]


def record_of(
    kind: str,
    suite: Suite,
    variants: Sequence[Variant],
    planned: Plan,
    config: Config,
    choices: Mapping[str, str],
    command: Sequence[str],
) -> RunRecord:
    """What run.json says of a run before it starts."""
    from smfnet.experiment.baseline import TITLES
    from smfnet.experiment.provenance import provenance
    from smfnet.experiment.results import RowRecord, RunRecord, TrialRecord

    rows = [RowRecord(v.name, v.title, v.published, dict(v.changes)) for v in variants]
    rows += [RowRecord(rule, TITLES[rule], baseline=True) for rule in suite.baselines]
    return RunRecord(
        kind=kind,
        suite=suite.name,
        command=tuple(command),
        rows=tuple(rows),
        trials=tuple(
            TrialRecord(t.id, t.row, t.seed, fingerprint=t.fingerprint, stages=tuple(n.fingerprint for n in t.stages))
            for t in planned.trials
        ),
        columns=config.metrics.table,
        base_row=suite.base,
        note=config.note,
        provenance=provenance(config, choices),
    )


def run_plan(
    planned: Plan, store: Store, run: Run, record: RunRecord, config: Config, address: str | None
) -> RunRecord:
    """Write the run folder, do what is left to do, and return the record as it is then."""
    from smfnet.cli.display import Display
    from smfnet.config.compose import to_yaml
    from smfnet.experiment.ablation import Ablation

    run.write_record(record)
    run.write_config(to_yaml(config))
    with Display(record.rows, record.trials, planned.work) as display:
        ablation = Ablation(planned, store, run, record, display)
        ablation.collect_finished()
        if planned.open:
            from smfnet.cluster import run as run_trials

            run_trials(ablation, config.storage, config.cluster, gpu=config.train.device == "cuda", address=address)
    return ablation.record
