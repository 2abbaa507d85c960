"""One search from what is asked for to its answers: trials, tables, figures, and the confirmation on the test split."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assay.config.errors import UserError
from assay.console.activity import doing
from assay.launch.request.budget import SearchBudget
from assay.launch.searched.confirming import PlannedConfirmation
from assay.launch.searched.files import SearchFiles
from assay.study import TRAIN, VAL

if TYPE_CHECKING:
    import optuna

    from assay.config.root import RootConfig
    from assay.experiment.time_limit import TimeLimit
    from assay.runs import SearchRun
    from assay.store.store import Store
    from assay.track.trackers import Trackers
    from assay.tuning.objective import Objective
    from assay.tuning.settings import SearchSettings
    from assay.tuning.spaces.ranges import Asked
    from assay.tuning.spaces.space import Space
    from assay.tuning.start import Start

__all__ = ["PlannedSearch"]

Told = Callable[["SearchRun"], None]


class PlannedSearch:
    """A search that was checked whole and has not begun. As text it says what it may train, as `--plan` does.

    Args:
        objective: what is searched by.
        asked: parameters, ranges and configuration.
        budget: how much it may try.
        sampler: name of one of `assay.tuning.samplers.sampler.SAMPLERS`.
        prune: stop poor trials early.
        output: folder of the search; one below runs/ that is named after it if None.
        start_from: folder of an earlier search or ablation, what fits of which is taken; see `assay.tuning.start`.
        address: of a Ray cluster; this machine if None.
        command: what was typed, for people.
        ablate: how an ablation of this study is called, for people.

    Raises:
        UserError: anything is wrong with any of it; nothing has been written then.
    """

    def __init__(
        self,
        objective: Objective,
        asked: Asked,
        budget: SearchBudget,
        *,
        sampler: str = "tpe",
        prune: bool = True,
        output: Path | None = None,
        start_from: Path | None = None,
        address: str | None = None,
        command: Sequence[str] = (),
        ablate: Sequence[str] = (),
    ) -> None:
        from assay.launch.request.configuration import configuration
        from assay.tuning.identity import default_folder, identity_of
        from assay.tuning.samplers.sampler import check_sampler

        self.budget, self.address, self.command, self.ablate = budget, address, tuple(command), tuple(ablate)
        config, self.choices = configuration(objective.study, asked.overrides, address, splits=(TRAIN, VAL))
        objective.check(config)
        if not objective.study.size(config, VAL):
            raise UserError(
                f"{objective.study.name} has no validation {objective.study.sample}s: a search measures on them, and "
                f"reads no test {objective.study.sample}; {objective.study.no_validation}"
            )
        space = asked.space_for(config)
        space.check(config)
        check_sampler(sampler, space, objective)
        self.settings = _settings(config, space, objective, sampler, budget.seeds_per_trial, prune=prune)
        self.identity = identity_of(self.settings, budget.seeds_per_trial)
        self.folder: Path = output or default_folder(self.identity)
        self._first = space.first_samples(config)
        self.start = self._start_of(start_from) if start_from else None
        taken = len(self.start.taken) if self.start else 0
        self.confirmation = PlannedConfirmation(self.settings, budget, len(self._first), taken, address)
        self._check_best()
        self.files = SearchFiles(
            self.folder,
            self.settings,
            budget,
            self.confirmation,
            {name: _bounds(text) for name, text in asked.ranges.items()},
            self.choices,
            self.command,
            self.ablate,
            self.start.line if self.start else "",
        )

    def __repr__(self) -> str:
        names = ", ".join(self.settings.space.names)
        return f"<a search over {names}, planned: print it to see what it would take>"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, *, probe: bool = False) -> Iterator[str]:
        """What the search would do, a line each; writes nothing.

        Args:
            probe: where nothing is known of the time, try a few steps, which takes minutes for large networks.
        """
        from assay.console.search_preview import search_plan_lines
        from assay.store.store import Store
        from assay.tuning.optuna_study import check_folder

        check_folder(self.folder, self.identity)
        store = Store.to_read(self.settings.base.storage)
        trials, seeds = self.budget.trials, self.budget.seeds_per_trial
        if self.start:
            yield self.start.line
        yield from search_plan_lines(
            self.settings, self.folder, trials, seeds, self.confirmation.at_most, store, self.address, probe=probe
        )

    def run(self, *, progress: bool = True, told: Told = lambda found: None, began: float | None = None) -> SearchRun:
        """Search, confirm, and write what came of it; the same again goes on where it stopped.

        Args:
            progress: show it while it goes on.
            told: called with the results of the search before the best are confirmed.
            began: when the time of a search that has one began, by `time.monotonic`; now if None.

        Raises:
            UserError: the folder holds something else, or the storage or the cluster cannot be used.
        """
        from assay.runs import SearchRun
        from assay.store.disk.lock import sole_writer
        from assay.store.run.log import RunLog
        from assay.store.store import Store
        from assay.tuning.optuna_study import check_folder, open_study

        began = time.monotonic() if began is None else began
        check_folder(self.folder, self.identity)
        store = Store(self.settings.base.storage)
        store.files.check()
        log = RunLog(self.folder).command(self.command)
        with sole_writer(self.folder), log, self._tracking(progress=progress) as trackers:
            study = open_study(self.folder, self.identity, self.settings.objective.metrics, self._first, self._tell)
            self.files.write_record()
            try:
                self._search(study, store, self._limit(began, confirming=True), trackers, progress=progress)
                with doing("drawing tables and figures", shown=progress):
                    self.files.write_results(study)
                told(SearchRun(self.folder, self.settings.study))
                to_confirm = (study, store, self.folder, self._limit(began), self.choices, self.command)
                self.confirmation.run(*to_confirm, trackers, progress=progress)
                self.files.write_best(study)  # again: it says what the confirmation has resolved
            except KeyboardInterrupt:
                self.files.write_tables(study)
                raise
            found = SearchRun(self.folder, self.settings.study)
            found.write_summary()
            trackers.ended(found)
        return found

    @property
    def confirmed_rows(self) -> tuple[str, ...]:
        """Names of the rows that the confirmation has if enough trials finish, its base first; none without one."""
        from assay.tuning.confirmation import row_names

        if not self.confirmation.wanted:
            return ()
        return row_names([role for role, _ in self._first], self.budget.best, self.settings.study.defaults_of)

    def _tracking(self, *, progress: bool) -> Trackers:
        from assay.store.run.folder import RunFolder
        from assay.track.trackers import Trackers

        base = self.settings.base
        return Trackers(
            base.track, RunFolder(self.folder), self.settings.study.name, "search", base, quiet=not progress
        )

    def _first_lines(self, ended: int) -> Iterator[str]:
        """What is told before the first trial begins; nothing where none is left."""
        from assay.console.search_preview import trainings_line

        if ended < self.budget.trials:
            if self.start:
                yield self.start.line
            yield trainings_line(self.budget.trials, ended, self.budget.seeds_per_trial, self.confirmation.at_most)

    def _start_of(self, folder: Path) -> Start:
        from assay.store.store import Store
        from assay.tuning.start import start_of

        return start_of(folder, self.settings, Store.to_read(self.settings.base.storage))

    def _tell(self, study: optuna.Study) -> None:
        """Let the study have what there is already."""
        if self.start:
            self.start.tell(study, self.settings, dict(self._first))

    def _check_best(self) -> None:
        """Refuse to look for more of the best than there can be."""
        begin = len(self._first) if self.budget.confirm != 0 else 0
        most = self.budget.trials + (len(self.start.taken) if self.start else 0) - begin
        if "best" in self.budget.named and self.budget.best > most:
            own = f", of which {begin} {'is' if begin == 1 else 'are'} what it begins with" if begin else ""
            trials = f"{self.budget.trials} trial{'' if self.budget.trials == 1 else 's'}{own}"
            raise UserError(f"best: expected at most {max(most, 0)}, as there are {trials}; got {self.budget.best}")

    def _limit(self, began: float, *, confirming: bool = False) -> TimeLimit | None:
        """The time of the search, which leaves enough for the confirmation, or the whole."""
        from assay.experiment.time_limit import TimeLimit

        if self.budget.within_s is None:
            return None
        afterwards = self.confirmation.trials_in_a_row() if confirming else 0
        return TimeLimit(self.budget.within_s, began=began, afterwards=afterwards)

    def _search(
        self, study: optuna.Study, store: Store, limit: TimeLimit | None, trackers: Trackers, *, progress: bool
    ) -> None:
        """Try samples until the budget is used up."""
        from assay.console.redrawn import stderr_console
        from assay.console.search_display import SearchDisplay
        from assay.launch.searched.tracked_samples import TrackedSamples
        from assay.store.run.folder import RunFolder
        from assay.store.run.log import RunLog
        from assay.tuning.optuna_study import ended_in, taken_in
        from assay.tuning.search import Search
        from assay.tuning.task import train_and_validate

        objectives, budget, base = self.settings.objective.metrics, self.budget, self.settings.base
        trials = study.get_trials(deepcopy=False)
        before, taken = [trial for trial in trials if trial.state.is_finished()], len(taken_in(study))
        console, log, most = stderr_console(quiet=not progress), RunLog(self.folder).write, budget.trials + taken
        for line in self._first_lines(len(ended_in(study))):
            log(line)
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        with SearchDisplay(
            objectives, most, before, self.settings.space.holds, console, folder=self.folder, log=log
        ) as display:
            names = self.settings.objective.names
            listener = TrackedSamples(display, trackers, names, before) if trackers else display
            search = Search(self.settings, study, store, budget.trials, listener, RunFolder(self.folder), limit)
            if not search.has_work():
                return
            from assay.cluster import execute_trials

            self.files.drop_results()
            gpu = self.settings.study.device_of(base) == "cuda"
            execute_trials(
                self.settings.study,
                search,
                base.storage,
                base.cluster,
                gpu=gpu,
                task=train_and_validate,
                address=self.address,
                doing=display.doing,
            )


def _settings(
    config: RootConfig, space: Space, objective: Objective, sampler: str, seeds_per_trial: int, *, prune: bool
) -> SearchSettings:
    from assay.experiment.trial import validation_trial
    from assay.tuning.pruning import ASHA, NONE
    from assay.tuning.settings import SearchSettings

    seeds = range(config.seed, config.seed + seeds_per_trial)
    return SearchSettings(
        space=space,
        base=config,
        objective=objective,
        sampler=sampler,
        pruning=ASHA if prune and not objective.several else NONE,
        seed=config.seed,
        make=lambda number, sample: [
            validation_trial(objective.study, f"trial{number}", sample, seed) for seed in seeds
        ],
    )


def _bounds(typed: str) -> str:
    """`1e2:1e9` of `1e2:1e9:log`."""
    return ":".join(part.strip() for part in typed.split(":")[:2])
