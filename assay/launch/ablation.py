"""An ablation from what is asked for to what is done."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay.launch.configuration import configuration

if TYPE_CHECKING:
    import pandas as pd

    from assay.config.root import RootConfig
    from assay.experiment.planning.plan import Plan
    from assay.experiment.suite import Suite, Variant
    from assay.experiment.trial import Trial
    from assay.runs import Run
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
    ) -> None:
        from assay.evidence.published import answered
        from assay.experiment.combination import check_apart, refusing
        from assay.launch.carry_out import record_of
        from assay.store.run import RunFolder

        answered(suite.published, study.published, suite.answers)  # a mistake in the suite, before all others
        self.study, self.suite, self.address = study, suite, address
        self.config, choices = configuration(study, words, address=address)
        with refusing(suite):
            self.trials = _trials(study, self.config, suite, variants)
            check_apart(suite, self.trials)
        self.run_folder = RunFolder(output or _new_folder(suite.name))
        self.run_folder.check_writable("ablation")
        self.record = record_of("ablation", study, suite, variants, self.trials, self.config, choices, command)

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

        planned, store = self._look()
        self._check_continues()
        yield from plan_lines(self.study, planned, self.record, self.config, store, self.address, probe=probe)

    def table(self) -> pd.DataFrame:
        """A line per trial: trial, row, seed, measured (in the store already), epochs (that it would train itself)."""
        import pandas as pd

        planned, _ = self._look()
        work = {trial: sum(stages.values()) for trial, stages in planned.work.items()}
        lines = [(t.id, t.row, t.seed, t.fingerprint in planned.measured, work.get(t.id, 0)) for t in planned.trials]
        return pd.DataFrame(lines, columns=["trial", "row", "seed", "measured", "epochs"])

    def run(self, *, progress: bool = True) -> Run:
        """Do what is left to do, and write the tables; the same again goes on where it stopped.

        Args:
            progress: show it while it goes on.

        Raises:
            UserError: the folder holds another run, the storage cannot be written, or the cluster cannot be reached.
        """
        from assay.experiment.planning.plan import plan
        from assay.launch.carry_out import carry_out
        from assay.runs import Run
        from assay.store.lock import sole_writer
        from assay.store.store import Store

        store = Store(self.config.storage)
        store.files.check(writable=True)
        planned = plan(self.trials, store)
        self._check_continues()
        with sole_writer(self.run_folder.folder):
            self._check_continues()  # again: another command may have begun it meanwhile
            carry_out(
                self.study, planned, store, self.run_folder, self.record, self.config, self.address, progress=progress
            )
            run = Run(self.run_folder.folder, self.study)
            run.write_tables()
        return run

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


def _trials(study: Study, config: RootConfig, suite: Suite, variants: Sequence[Variant]) -> tuple[Trial, ...]:
    from assay.experiment.trial import baseline_trial, trials_of

    return (
        *(baseline_trial(study, rule, config) for rule in suite.baselines),
        *trials_of(study, config, variants, config.seeds),
    )


def _new_folder(suite: str) -> Path:
    """A folder that is not there yet."""
    from assay.store.names import file_name

    first = Path("runs") / f"{time.strftime('%Y%m%d-%H%M%S')}-{file_name(suite)}"
    others = (first.with_name(f"{first.name}-{count}") for count in range(2, 1000))
    return next(folder for folder in (first, *others) if not folder.exists())
