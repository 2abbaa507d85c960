"""Carry out a plan of trials: what an ablation and the end of a search have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.config.root import RootConfig
    from assay.experiment.planning.plan import Plan
    from assay.experiment.suite import Suite, Variant
    from assay.experiment.time_limit import TimeLimit
    from assay.experiment.trial import Trial
    from assay.launch.trials.rounds import Rounds
    from assay.store.run.folder import RunFolder, RunRecord
    from assay.store.run.record import Printed
    from assay.store.store import Store
    from assay.study import Study
    from assay.track.trackers import Trackers

__all__ = ["carry_out", "record_of"]


def record_of(
    kind: str,
    study: Study,
    suite: Suite,
    variants: Sequence[Variant],
    trials: Sequence[Trial],
    config: RootConfig,
    choices: Mapping[str, str],
    command: Sequence[str],
    columns: tuple[str, ...] = (),
) -> RunRecord:
    """What run.json says of a run before it starts."""
    from assay.config.text.credentials import redacted
    from assay.config.text.note import note_of
    from assay.experiment.provenance import provenance
    from assay.experiment.trial import trial_records
    from assay.store.run.folder import RowRecord, RunRecord

    rows = [RowRecord(v.name, v.title, v.published, redacted(dict(v.changes))) for v in variants]
    rows += [RowRecord(rule, study.rules[rule], baseline=True) for rule in suite.baselines]
    return RunRecord(
        kind=kind,
        suite=suite.name,
        command=redacted(tuple(command)),
        rows=tuple(rows),
        trials=trial_records(trials),
        columns=columns or study.columns(config),
        base_row=suite.base,
        metrics=suite.metrics(study.measures(config)),
        sample=study.sample,
        published=_published(study, suite, variants),
        note=note_of(config),
        design=suite.design,
        provenance=provenance(study, config, choices),
    )


def _published(study: Study, suite: Suite, variants: Sequence[Variant]) -> Printed | None:
    """What the run keeps of the printed table that its suite names."""
    from assay.evidence.published import answered, kept

    table = answered(suite.published, study.published, suite.answers)
    return kept(table, {v.published for v in variants if v.published}) if table else None


def carry_out(
    study: Study,
    planned: Plan,
    store: Store,
    run: RunFolder,
    record: RunRecord,
    config: RootConfig,
    address: str | None,
    *,
    progress: bool,
    rounds: Rounds | None = None,
    limit: TimeLimit | None = None,
    trackers: Trackers | None = None,
) -> RunRecord:
    """Write the run folder, do what is left to do, with progress if wanted, and return the record as it is then.

    Args:
        rounds: gives further trials when the planned ones have ended.
        limit: of time; trials that are not begun by then are left out.
        trackers: told of every trial that ends.
    """
    from assay.config.compose import to_yaml
    from assay.console.display import Display
    from assay.console.redrawn import stderr_console
    from assay.experiment.ablation import Ablation
    from assay.launch.trials.tracked_trials import TrackedTrials
    from assay.store.run.log import RunLog
    from assay.store.run.recorder import Recorder

    if _changes(run, record, planned):
        run.drop_derived(figures=record.kind == "ablation")
        run.drop_pictures()
    run.write_record(record)
    run.write_config(to_yaml(config))
    console, log = stderr_console(quiet=not progress), RunLog(run.folder).write
    shown = Display(record.rows, record.trials, planned.work, console, run.folder, log)
    with Recorder(run, record) as recorder, shown as display:
        further = partial(rounds.next, recorder, display) if rounds else None
        listener = TrackedTrials(display, trackers, record) if trackers else display
        ablation = Ablation(study, planned, store, recorder, listener, further, limit)
        ablation.collect_finished()
        if ablation.has_work():
            from assay.cluster import execute_trials
            from assay.console.preview import beginning

            display.say(beginning(study, planned, config, store, address))
            gpu, where = study.device_of(config) == "cuda", (config.storage, config.cluster)
            execute_trials(study, ablation, *where, gpu=gpu, address=address, doing=display.doing)
        if limit and limit.closed:
            recorder.drop_unfinished()
    return recorder.record


def _changes(run: RunFolder, record: RunRecord, planned: Plan) -> bool:
    """Whether the folder will hold other results than it does; a folder without a run will."""
    from assay.config.errors import UserError

    try:
        there = {trial.id: trial.fingerprint for trial in run.record.trials}
    except UserError:
        return True
    return bool(planned.open) or there != {trial.id: trial.fingerprint for trial in record.trials}
