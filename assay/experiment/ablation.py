"""The ablation as a source of trials: hands them out, and keeps the run folder true while they end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import pandas as pd

from assay.experiment.execution import Outcome
from assay.experiment.naming.circumstances import together
from assay.experiment.planning.plan import Plan
from assay.experiment.planning.queue import TrialQueue
from assay.experiment.source import Finished, Stop, Waiting
from assay.experiment.time_limit import TimeLimit
from assay.experiment.trial import Trial
from assay.stage import Progress
from assay.store.received.names import apart, file_name
from assay.store.received.typed import read_typed
from assay.store.run.folder import TrialRecord
from assay.store.run.proof import TrialProof
from assay.store.run.recorder import Recorder
from assay.store.store import STAGES, TRIALS, Entry, Store
from assay.store.tables import MEASURED, read_table
from assay.study import Study

__all__ = ["Ablation", "Further", "Listener"]

Further = Callable[[], Plan | None]


class Listener(Protocol):
    """Who wants to know, a display for instance."""

    def changed(self, trial: TrialRecord, progress: Progress | None = None) -> None:
        """A trial started, moved on or ended."""
        ...


class Ablation:
    """A `Source` of all trials of a plan.

    Args:
        study: what is studied.
        plan: what was asked for and what is there.
        store: where the workers put what they make.
        recorder: of this run, whose folder gets what comes out.
        listener: told of every change.
        further: asked when all trials have ended: trials that follow from what came out, held against the store; None
            if there are none. None: nothing follows.
        limit: of time; none if None.
    """

    def __init__(
        self,
        study: Study,
        plan: Plan,
        store: Store,
        recorder: Recorder,
        listener: Listener,
        further: Further | None = None,
        limit: TimeLimit | None = None,
    ) -> None:
        self._limit = limit
        self.study, self.store, self.recorder, self.listener = study, store, recorder, listener
        self.run, self._further = recorder.run, further
        self._running: set[str] = set()
        self._take(plan)

    def _take(self, plan: Plan) -> None:
        self.plan, self._queue = plan, TrialQueue(plan.stored, plan.open, seed_by_seed=self._limit is not None)

    def collect_finished(self) -> None:
        """Copy what the store already has into the run folder."""
        self._write_sources()
        self._collect_measured()

    def has_work(self) -> bool:
        """Whether there is a trial to start, now or after what was found in the store."""
        while not self._queue and self._further and not self._running and (more := self._further()):
            self._take(more)
            self._collect_measured()
        return bool(self._queue)

    def next(self) -> Trial | type[Finished] | type[Waiting]:
        """The first trial in the queue whose stages nobody else is making."""
        if not self.has_work():
            return Waiting if self._further and self._running else Finished
        trial = self._queue.next()
        if trial is None:
            return Waiting
        if self._limit and not self._limit.allows(trial):
            self._queue.leave(trial)
            self._queue.clear()
            return self.next()
        self._started(trial)
        self.run.drop_logs(trial.id)
        self._update(trial, status="running")
        return trial

    def _started(self, trial: Trial) -> None:
        self._running.add(trial.id)
        if self._limit:
            self._limit.started(trial)

    def _collect_measured(self) -> None:
        for trial in self.plan.trials:
            if trial.fingerprint in self.plan.measured:
                self._collect(trial, reused=tuple(named.fingerprint for named in trial.stages), seconds=0.0)

    def progressed(self, trial: Trial, report: Mapping[str, Any]) -> Stop:
        """Let followers go, and show the progress."""
        self._queue.stored(report["stored"])
        self.listener.changed(self.recorder.trial(trial.id), Progress(**report["progress"]))
        if not self._limit or not self._limit.is_up():
            return Stop.NO
        self._leave(trial)
        self._queue.clear()
        self._update(trial, status="pending")  # what it has done is in its checkpoint
        return Stop.YES

    def printed(self, trial: Trial, text: str) -> None:
        """Keep it on disk."""
        self.run.write_log(trial.id, text)

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """Copy the measurements into the run folder."""
        self._queue.stored(named.fingerprint for named in trial.stages)
        self._leave(trial)
        if self._limit:
            self._limit.ended(trial)
        self._collect(trial, outcome.reused, outcome.seconds)

    def failed(self, trial: Trial, reason: str, traceback: str, again: bool = False) -> None:
        """Keep the reason in the table, and traceback and log on disk."""
        self._leave(trial)
        if again:  # nothing follows from what the same command will make up for
            self._further = None
        self.run.write_error(trial.id, traceback)
        self._update(trial, status="failed", reason=reason)

    def _leave(self, trial: Trial) -> None:
        self._queue.leave(trial)
        self._running.discard(trial.id)

    def _collect(self, trial: Trial, reused: tuple[str, ...], seconds: float) -> None:
        entry = self.store.find(TRIALS, trial.fingerprint)
        measured = self._measured(entry) if entry else None
        if entry is None or measured is None:
            self._update(trial, status="failed", reason="its results are damaged; give the same command again")
            return
        values, proof = measured
        lines = values.itertuples(index=False)
        self.run.write_results(trial.id, ((trial.row, trial.seed, *line) for line in lines))
        stages = self._stages(trial)
        self._write_curves(trial, stages)
        if proof is not None:
            self.run.write_proof(trial.id, proof | {"seconds_per_step": _pace(stages)})
        if trial.rule or trial.seed == trial.config.seed:
            self._write_images(trial, entry, values["image"].unique())
        made_with = together(each.record.made_with for each in (*stages, entry))
        self._update(trial, status="finished", reused=reused, seconds=seconds, made_with=made_with)

    def _measured(self, entry: Entry) -> tuple[pd.DataFrame, dict[str, Any] | None] | None:
        """Values of a stored trial, and its proof if it has one; None if they are damaged, which puts them aside."""
        table, proof = (self.store.read(entry, name) for name in ("results.parquet", "proof.json"))
        try:
            if proof is not None:
                read_typed(TrialProof, proof)
            return read_table(table or b"", MEASURED), None if proof is None else json.loads(proof)
        except ValueError as error:  # sealed, and written by nobody of ours
            self.store.put_aside(entry.kind, entry.fingerprint, f"it is not as it is written here: {error}")
            return None

    def _stages(self, trial: Trial) -> list[Entry]:
        """What the store has of a trial's stages."""
        found = (self.store.find(STAGES, named.fingerprint) for named in trial.stages)
        return [entry for entry in found if entry]

    def _write_curves(self, trial: Trial, stages: list[Entry]) -> None:
        lines = [
            (trial.row, trial.seed, entry.record.kind, epoch, term, weight, value)
            for entry in stages
            for epoch, terms in entry.record.log
            for term, (weight, value) in terms.items()
        ]
        if lines:
            self.run.write_curves(trial.id, lines)

    def _write_images(self, trial: Trial, entry: Entry, names: Iterable[str]) -> None:
        checksums = entry.checksums
        for file in (f"{file_name(str(name))}.png" for name in names if name):
            if image := self.store.read(entry, f"images/{file}") if f"images/{file}" in checksums else None:
                self.run.write_image(file_name(trial.row), file, image)

    def _write_sources(self) -> None:
        sources = self.study.sources(self.plan.trials[0].config)
        shown = set(apart(dict.fromkeys(sample for sample, _ in sources)))
        for (sample, kind), picture in sources.items():
            if sample in shown:
                self.run.write_image("sources", f"{file_name(sample)}-{kind}.png", picture)

    def _update(self, trial: Trial, **changes: Any) -> None:
        self.listener.changed(self.recorder.change(trial.id, **changes))


def _pace(stages: list[Entry]) -> dict[str, float]:
    """Seconds per training step of each stage, wherever it was trained."""
    records = [entry.record for entry in stages if entry.record.steps]
    return {record.kind: (record.seconds or 0.0) / record.steps for record in records}
