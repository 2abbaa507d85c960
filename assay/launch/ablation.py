"""An ablation from what is asked for to what is done."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.console.activity import doing
from assay.launch.request.configuration import configuration

if TYPE_CHECKING:
    import pandas as pd

    from assay.experiment.planning.plan import Plan
    from assay.experiment.suite import Suite, Variant
    from assay.experiment.time_limit import TimeLimit
    from assay.experiment.trial import Trial
    from assay.runs import Run
    from assay.store.run.folder import RunRecord
    from assay.store.run.looks import Look
    from assay.store.store import Store
    from assay.study import Study

__all__ = ["PlannedAblation"]


class PlannedAblation:
    """An ablation that was checked whole and has not begun. As text it says what would be done, as `--plan` does.

    Args:
        study: what is studied.
        suite: that the rows are of.
        variants: the rows.
        words: `key=value` of the configuration.
        output: folder of the run; a new one below runs/ if None.
        address: of a Ray cluster; this machine if None.
        command: what was typed.
        looks: at which verdicts are drawn, with the most seeds that the configuration has; none: once, at the end.
        within_s: seconds of wall-clock time in which the run ends; looks follow from them if none are given.

    Attributes:
        trials: all that it may come to.
        record: of all of them.

    Raises:
        UserError: anything is wrong with any of it; nothing has been written then.
    """

    def __init__(
        self,
        study: Study,
        suite: Suite,
        variants: Sequence[Variant],
        words: Sequence[str] = (),
        output: Path | None = None,
        address: str | None = None,
        command: Sequence[str] = (),
        looks: tuple[Look, ...] = (),
        within_s: float | None = None,
    ) -> None:
        from assay.evidence.published import answered
        from assay.experiment.combination import check_apart, refusing
        from assay.launch.trials.carry_out import record_of
        from assay.store.run.folder import RunFolder

        answered(suite.published, study.published, suite.answers)  # a mistake in the suite, before all others
        self.study, self.suite, self.address, self.within_s = study, suite, address, within_s
        self._variants = variants
        self.config, choices = configuration(study, words, address=address)
        with refusing(suite):
            self.trials = _trials(study, self.config, suite, variants)
            check_apart(suite, self.trials)
        self.run_folder = RunFolder(output or _new_folder(suite.name))
        self.run_folder.check_writable("ablation")
        self.seeds: int | None = None  # that time allows for, if that is known
        self._thought_of: tuple[Trial, ...] = ()
        self._table = self._named()
        if within_s and not looks and any(not trial.rule for trial in self.trials):
            looks = self._looks_within(within_s, variants)
            self.config = apply(self.config, {"seeds": looks[-1].seeds})
            self.trials = _trials(study, self.config, suite, variants)
        self.record = record_of("ablation", study, suite, variants, self.trials, self.config, choices, command)
        self.looks = _checked(looks, self.record)

    def __repr__(self) -> str:
        return f"<{len(self.trials)} trials of {self.study.name}, planned: print it to see what they would take>"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, *, probe: bool = False) -> Iterator[str]:
        """What would be done, what it would take, and what it could tell, a line each; writes nothing.

        Args:
            probe: where nothing is known of the time, try a few steps, which takes minutes for large networks.
        """
        from assay.console.preview import plan_lines
        from assay.launch.trials.within import within_line

        planned, store = self._look()
        self._check_continues()
        record, config = self._begun(store), self.config
        first = self._plan_of(record, store) if record.looks else None
        if self.within_s and self.seeds is None and probe and self._thought_of:
            self.seeds = self._seeds_in(self.within_s, store, probe=True)
        if self.seeds:  # what is likely, not what is the most
            config, last = apply(config, {"seeds": self.seeds}), self.config.seed + self.seeds
            planned = self._plan_of(replace(record, trials=self.record.trials), store, before=last)
        within = within_line(self.within_s, self.seeds, given=not self._thought_of) if self.within_s else ""
        more: dict[str, Any] = {"probe": probe, "first": first, "within": within}
        yield from plan_lines(self.study, planned, record, config, store, self.address, **more)

    def table(self) -> pd.DataFrame:
        """A line per trial: trial, row, seed, measured (in the store already), epochs (that it would train itself)."""
        import pandas as pd

        planned, _ = self._look()
        work = {trial: sum(stages.values()) for trial, stages in planned.work.items()}
        lines = [(t.id, t.row, t.seed, t.fingerprint in planned.measured, work.get(t.id, 0)) for t in planned.trials]
        return pd.DataFrame(lines, columns=["trial", "row", "seed", "measured", "epochs"])

    def run(self, *, progress: bool = True, began: float | None = None) -> Run:
        """Do what is left to do, and write the tables; the same again goes on where it stopped.

        Args:
            progress: show it while it goes on.
            began: when the time of a run that has one began, by `time.monotonic`; now if None.

        Raises:
            UserError: the folder holds another run, the storage cannot be written, or the cluster cannot be reached.
        """
        from assay.launch.trials.carry_out import carry_out
        from assay.launch.trials.rounds import Rounds
        from assay.runs import Run
        from assay.store.disk.lock import sole_writer
        from assay.store.run.log import RunLog
        from assay.store.store import Store
        from assay.track.trackers import Trackers

        began = time.monotonic() if began is None else began
        store, how = Store(self.config.storage), (self.config, self.address)
        store.files.check(writable=True)
        self._check_continues()
        with sole_writer(self.run_folder.folder):
            self._check_continues()  # again: another command may have begun it meanwhile
            with RunLog(self.run_folder.folder).command(self.record.command):
                with doing("looking for what is stored already", shown=progress):
                    record = self._begun(store)
                    planned = self._plan_of(record, store, verify=True)
                limit = self._limit(planned, store, began)
                more: dict[str, Any] = {"rounds": Rounds(self.trials, store, limit) if record.looks else None}
                more |= {"limit": limit, "progress": progress}
                to_tell = (self.config.track, self.run_folder, self.study.name, "ablation", self.config)
                with Trackers(*to_tell, quiet=not progress) as trackers:
                    carry_out(self.study, planned, store, self.run_folder, record, *how, **more, trackers=trackers)
                    run = Run(self.run_folder.folder, self.study)
                    with doing("drawing the table", shown=progress):
                        run.write_tables()
                    trackers.ended(run)
        return run

    def seconds_to(self, seeds: int) -> float | None:
        """Wall-clock seconds of the same rows with so many seeds, beyond what is stored; None if nobody knows."""
        from assay.console.preview import slots_here
        from assay.experiment.planning.estimate import estimate
        from assay.experiment.planning.plan import plan
        from assay.store.store import Store

        store = Store.to_read(self.config.storage)
        trials = _trials(self.study, apply(self.config, {"seeds": seeds}), self.suite, self._variants)
        planned = plan(trials, store, verify=False)
        cost = estimate(self.study, planned, store, slots_here(self.study, self.config, self.address))
        return None if cost.unknown else cost.wall_s

    def _begun(self, store: Store) -> RunRecord:
        """The record with the looks that were taken, and with the trials that are begun at first."""
        from assay.launch.trials.rounds import begun, with_looks

        return begun(with_looks(self.record, self.looks, self._table, self.run_folder, store), self.trials)

    def _named(self) -> str:
        """The name of the table, which does not change with its seeds."""
        from assay.experiment.naming.table import table_fingerprint

        rows = {trial.row: trial.config for trial in self.trials if not trial.rule}
        margins = {metric.name: metric.margin for metric in self.suite.metrics(self.study.metrics)}
        return table_fingerprint(self.study, rows, self.study.columns(self.config), margins)

    def _looks_within(self, within_s: float, variants: Sequence[Variant]) -> tuple[Look, ...]:
        """Those that were declared before, or that the time allows for."""
        from assay.launch.trials.within import MOST, earlier_looks, looks_for
        from assay.store.store import Store

        store = Store.to_read(self.config.storage)
        self._thought_of = _trials(self.study, apply(self.config, {"seeds": MOST}), self.suite, variants)
        self.seeds = self._seeds_in(within_s, store)
        declared = earlier_looks(self.run_folder, store, self._table, self.config.seed, within_s)
        return declared or looks_for(self.seeds)

    def _seeds_in(self, within_s: float, store: Store, *, probe: bool = False) -> int | None:
        """How many the time allows for, as far as that is known, or as a few steps say."""
        from assay.console.preview import slots_here, tried_out
        from assay.launch.trials.within import seeds_in

        slots, study = slots_here(self.study, self.config, self.address), self.study
        return seeds_in(study, self._thought_of, store, slots, within_s, tried_out(study) if probe else None)

    def _limit(self, planned: Plan, store: Store, began: float) -> TimeLimit | None:
        from assay.experiment.time_limit import TimeLimit
        from assay.launch.trials.within import trial_seconds

        if self.within_s is None:
            return None
        return TimeLimit(self.within_s, trial_seconds(self.study, planned, store), began)

    def _plan_of(self, record: RunRecord, store: Store, *, verify: bool = False, before: float = float("inf")) -> Plan:
        """The trials of a record against the store, those of the seeds before one."""
        from assay.experiment.planning.plan import plan

        ids = {trial.id for trial in record.trials if trial.seed < before}
        return plan([trial for trial in self.trials if trial.id in ids], store, verify=verify)

    def _look(self) -> tuple[Plan, Store]:
        """The trials against the store as it is."""
        from assay.experiment.planning.plan import plan
        from assay.store.store import Store

        store = Store(self.config.storage, read_only=True)
        store.files.check(writable=False)
        return plan(self.trials, store, verify=False), store

    def _check_continues(self) -> None:
        from assay.experiment.planning.continuation import check_continues

        check_continues(self.run_folder, self.record, self.config)


def _checked(looks: tuple[Look, ...], record: RunRecord) -> tuple[Look, ...]:
    if looks and record.design:
        raise UserError("a design has the same seeds in every combination, and looks have not: give --seeds N alone")
    rows = [row.name for row in record.rows if not row.baseline]
    if looks and (record.base_row not in rows or len(rows) < 2):
        raise UserError(
            f"looks decide between {record.base_row} and other rows: name {record.base_row} and at least one more; got "
            f"{', '.join(rows)}"
        )
    return looks


def _trials(study: Study, config: Any, suite: Suite, variants: Sequence[Variant]) -> tuple[Trial, ...]:
    from assay.experiment.trial import baseline_trial, trials_of

    return (
        *(baseline_trial(study, rule, config) for rule in suite.baselines),
        *trials_of(study, config, variants, config.seeds),
    )


def _new_folder(suite: str) -> Path:
    """A folder that is not there yet."""
    from assay.store.received.names import file_name

    first = Path("runs") / f"{time.strftime('%Y%m%d-%H%M%S')}-{file_name(suite)}"
    others = (first.with_name(f"{first.name}-{count}") for count in range(2, 1000))
    return next(folder for folder in (first, *others) if not folder.exists())
