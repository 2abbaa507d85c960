"""The end of a search: its best trials and the defaults, trained under fresh seeds and tested."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.study import TEST, TRAIN, VAL

if TYPE_CHECKING:
    import optuna

    from assay.config.root import RootConfig
    from assay.experiment.time_limit import TimeLimit
    from assay.launch.request.budget import SearchBudget
    from assay.metric import Metric
    from assay.store.store import Store
    from assay.track.trackers import Trackers
    from assay.tuning.settings import SearchSettings

__all__ = ["PlannedConfirmation"]


@dataclass(frozen=True)
class PlannedConfirmation:
    """What is confirmed, and how.

    Attributes:
        settings: of the search.
        budget: of the search, which says how many of the best, and how many seeds.
        defaults: how many rows the search begins with.
        taken: how many trials it takes from an earlier one.
        address: of a Ray cluster; this machine if None.
    """

    settings: SearchSettings
    budget: SearchBudget
    defaults: int
    taken: int
    address: str | None

    @property
    def wanted(self) -> bool:
        """Whether there is to be one."""
        return self.budget.confirm != 0

    @property
    def seeds(self) -> int:
        """Of each row; 0 if nothing is confirmed."""
        return self.config.seeds if self.wanted else 0

    @property
    def first_unused_seed(self) -> int:
        """The seed after those of the search and of the confirmation."""
        return self.config.seed + self.seeds

    @cached_property
    def config(self) -> RootConfig:
        """The configuration with other seeds than those of the search."""
        from assay.tuning.confirmation import fresh

        base = self.settings.base
        return fresh(base, self.budget.seeds_per_trial, self.budget.confirm or base.seeds)

    @property
    def metrics(self) -> list[Metric]:
        """Of its table, in order."""
        from assay.metric import metric_named

        return [metric_named(name, self.settings.study.metrics) for name in self._columns()]

    @property
    def at_most(self) -> tuple[int, RootConfig] | None:
        """How many rows there are at most, and their configuration; None if nothing is confirmed."""
        if not self.wanted:
            return None
        others = max(self.budget.trials + self.taken - self.defaults, 0)
        return self.defaults + min(self.budget.best, others), self.config

    def trials_in_a_row(self) -> int:
        """How many trainings follow on each other at the longest, with as many at once as there is room for."""
        from assay.console.preview import slots_here

        rows = self.at_most[0] if self.at_most else 0
        return math.ceil(rows * self.seeds / slots_here(self.settings.study, self.settings.base, self.address))

    def run(
        self,
        study: optuna.Study,
        store: Store,
        folder: Path,
        limit: TimeLimit | None,
        choices: Mapping[str, str],
        command: Sequence[str],
        trackers: Trackers,
        *,
        progress: bool,
    ) -> None:
        """Train and test, if that is wanted and already possible.

        Args:
            study: with the trials.
            store: of stages and measurements.
            folder: of the search.
            limit: of time.
            choices: presets that were chosen, for the record.
            command: what was typed, for the record.
            trackers: told of every trial that ends.
            progress: show it.
        """
        from optuna.trial import TrialState

        from assay.evidence.tables.render import write_tables
        from assay.experiment.planning.plan import plan
        from assay.experiment.trial import trials_of
        from assay.launch.trials.carry_out import carry_out, record_of
        from assay.store.run.folder import RunFolder
        from assay.tuning.confirmation import confirmation

        left = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        studied = self.settings.study
        suite = confirmation(study, self.settings.space, self.budget.best, studied.defaults_of)
        if not self.wanted or left or suite is None:
            return
        config = studied.prepared(self.config, (TRAIN, VAL, TEST))
        trials = trials_of(studied, config, suite.variants, config.seeds)
        record = record_of("search", studied, suite, suite.variants, trials, config, choices, command, self._columns())
        run, how = RunFolder(folder), (config, self.address)
        more: dict[str, Any] = {"progress": progress, "limit": limit, "trackers": trackers}
        carry_out(studied, plan(trials, store), store, run, record, *how, **more)
        write_tables(run)

    def _columns(self) -> tuple[str, ...]:
        """Metrics of the table: the objectives first."""
        objective, study = self.settings.objective, self.settings.study
        return tuple(dict.fromkeys((*objective.names, *study.columns(self.settings.base))))
