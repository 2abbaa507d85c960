"""One search from its words to its answers: study, trials, tables, figures, and the confirmation on the test split."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.cli.parser import called, typed
from assay.config.errors import UserError
from assay.study import TEST, TRAIN, VAL

if TYPE_CHECKING:
    import optuna
    from rich.console import Console

    from assay.config.root import RootConfig
    from assay.store.run import RunFolder
    from assay.store.store import Store
    from assay.tuning.objective import Objective
    from assay.tuning.settings import SearchSettings
    from assay.tuning.spaces.ranges import Asked
    from assay.tuning.spaces.space import Space

__all__ = ["BEST", "SearchCommand"]

BEST = 2  # trials that meet the test split


class SearchCommand:
    """What one command does.

    Args:
        options: of the command line, checked.
        objective: what is searched by.
        asked: parameters, ranges and configuration.
        command: what was typed.

    Raises:
        UserError: anything is wrong with any of it; nothing has been written then.
    """

    def __init__(self, options: Namespace, objective: Objective, asked: Asked, command: tuple[str, ...]) -> None:
        from assay.cli.configuration import configuration
        from assay.tuning.identity import default_folder, identity_of
        from assay.tuning.samplers.sampler import check_sampler

        self.options, self.command = options, command
        config, self.choices = configuration(objective.study, asked.overrides, options.address, splits=(TRAIN, VAL))
        if not objective.study.size(config, VAL):
            raise UserError(
                f"{objective.study.name} has no validation {objective.study.sample}s: a search measures on them, and "
                f"reads no test {objective.study.sample}; {objective.study.no_validation}"
            )
        space = asked.space_for(config)
        space.check(config)
        check_sampler(options.sampler, space, objective)
        self.settings = _settings(options, config, space, objective)
        self.identity = identity_of(self.settings, options.seeds_per_trial)
        self.folder: Path = options.output or default_folder(self.identity)
        self.best: int = options.best or BEST
        self.typed = {name: _bounds(text) for name, text in asked.ranges.items()}

    def run(self) -> int:
        """Search, answer, confirm; see `assay.cli.search.main` for what is returned."""
        from assay.store.lock import sole_writer
        from assay.store.store import Store
        from assay.tuning.optuna_study import check_folder, open_study

        check_folder(self.folder, self.identity)
        store = Store(self.settings.base.storage)
        store.files.check()
        with sole_writer(self.folder):
            first = self.settings.space.first_samples(self.settings.base)
            study = open_study(self.folder, self.identity, self.settings.objective.metrics, first)
            self._write_record()
            try:
                self._search(study, store)
                return self._conclude(study, store)
            except KeyboardInterrupt:
                self._write_tables(study)
                self._say_how_to_go_on(study)
                raise

    def preview(self) -> int:
        """Say what the search would do."""
        from assay.console.search_preview import preview_search
        from assay.store.store import Store
        from assay.tuning.optuna_study import check_folder

        check_folder(self.folder, self.identity)
        config, options = self._fresh(), self.options
        rows = len(self.settings.space.first_samples(self.settings.base)) + self.best
        confirmed = None if options.confirm == 0 else (rows, config)
        store = Store.to_read(self.settings.base.storage)
        preview_search(
            self.settings, self.folder, options.trials, confirmed, store, options.address, probe=options.probe
        )
        return 0

    def _search(self, study: optuna.Study, store: Store) -> None:
        """Try samples until the budget is used up."""
        from assay.console.search_display import SearchDisplay
        from assay.store.run import RunFolder
        from assay.tuning.search import Search
        from assay.tuning.settings import Budget
        from assay.tuning.task import train_and_validate

        metrics, options, base = self.settings.objective.metrics, self.options, self.settings.base
        before = [trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished()]
        with SearchDisplay(metrics, options.trials, before, self.settings.space.holds) as display:
            budget, run = Budget(options.trials, options.timeout), RunFolder(self.folder)
            search = Search(self.settings, study, store, budget, display, run=run)
            if not search.has_work():
                return
            from assay.cluster import execute_trials
            from assay.evidence.tables.search import SUMMARY
            from assay.tuning.record import BEST_FILE

            run.drop_derived()
            for name in (BEST_FILE, SUMMARY):
                (self.folder / name).unlink(missing_ok=True)
            gpu = self.settings.study.device_of(base) == "cuda"
            execute_trials(
                self.settings.study,
                search,
                base.storage,
                base.cluster,
                gpu=gpu,
                task=train_and_validate,
                address=options.address,
            )

    def _conclude(self, study: optuna.Study, store: Store) -> int:
        """Say what came of it and what did not, and confirm the best."""
        from assay.cli.carry_out import unfinished
        from assay.evidence.figures.search import write_search_figures
        from assay.evidence.search_results import search_results
        from assay.evidence.search_shortfalls import shortfalls
        from assay.evidence.tables.search import confirmation_lines, search_lines, terminal, write_summary
        from assay.tuning.record import BEST_FILE

        self._write_record(study)
        self._write_tables(study)
        best = self._write_best(study)
        results = search_results(self.folder)
        _console().print(terminal(results))
        for line in search_lines(results):
            print(line)
        figures = write_search_figures(results, self.folder / "figures")
        confirmed = self._confirm(study, store)
        told = confirmation_lines(confirmed, self.settings.objective.names) if confirmed else []
        short = unfinished(confirmed.record, self.folder) if confirmed else []
        for line in told:
            print(line)
        summary = write_summary(results, self.folder, [*told, *short])
        written = (summary, *([self.folder / BEST_FILE] if best else []), self.folder / "trials.csv")
        print(f"written: {', '.join(map(str, written))}, and {len(figures)} figures in {self.folder / 'figures'}")
        if best:
            print(f"the best configuration in an ablation: {self._ablate()} --all base={self.folder / BEST_FILE}")
        for line in (short := [*shortfalls(results), *short]):
            print(line, file=sys.stderr)
        if "failed" in set(results.trials["state"]) and (self.folder / "errors").is_dir():
            print(f"tracebacks, and what these trials printed: {self.folder / 'errors'}", file=sys.stderr)
        return 1 if short else 0

    def _ablate(self) -> str:
        """How an ablation of this study is called here."""
        study = ["--study", self.options.study] if self.options.study else []
        return typed([*called("ablate").split(), *study])

    def _write_best(self, study: optuna.Study) -> bool:
        """Write best.yaml if a trial inside the ranges has finished; says whether there is one."""
        from assay.tuning.record import BEST_FILE, best_trials, write_best

        space, names = self.settings.space, self.settings.objective.names
        best = best_trials(study, space)[:1]
        if not best:
            (self.folder / BEST_FILE).unlink(missing_ok=True)
        for trial in best:
            write_best(self.folder, trial, space, (typed(self.command), self._ablate()), names)
        return bool(best)

    def _confirm(self, study: optuna.Study, store: Store) -> RunFolder | None:
        """Train the best and the defaults under fresh seeds and test them; None if not wanted, or not yet possible."""
        from optuna.trial import TrialState

        from assay.cli.carry_out import carry_out, record_of
        from assay.evidence.tables.render import terminal, write_tables
        from assay.evidence.tables.table import ablation_table
        from assay.experiment.plan import plan
        from assay.experiment.trial import trials_of
        from assay.store.run import RunFolder
        from assay.tuning.confirmation import add_objectives, confirmation

        left = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        suite = confirmation(study, self.settings.space, self.best)
        if self.options.confirm == 0 or left or suite is None:
            return None
        config = self._fresh()
        studied = self.settings.study
        config = studied.prepared(config, (TRAIN, VAL, TEST))
        planned = plan(trials_of(studied, config, suite.variants, config.seeds), store)
        record = record_of(
            "search", studied, suite, suite.variants, planned, config, self.choices, self.command, self._columns()
        )
        run = RunFolder(self.folder)
        carry_out(studied, planned, store, run, record, config, self.options.address)
        add_objectives(run, self.settings.objective)
        table = ablation_table(run)
        write_tables(run, table)
        console = _console()
        console.print(terminal(table, console.width))
        return run

    def _fresh(self) -> RootConfig:
        """The configuration for the confirmation: with other seeds."""
        from assay.tuning.confirmation import fresh

        base = self.settings.base
        return fresh(base, self.options.seeds_per_trial, self.options.confirm or base.seeds)

    def _columns(self) -> tuple[str, ...]:
        """Metrics of the confirmation's table: the objectives first."""
        objective, study = self.settings.objective, self.settings.study
        measured = {metric.name for metric in study.metrics}
        names = (*objective.names, *study.columns(self.settings.base))
        return tuple(dict.fromkeys(name for name in names if name in measured))

    def _write_record(self, study: optuna.Study | None = None) -> None:
        """Write search.json; at the end of the search with the study, which tells whether its space is used up."""
        from assay.config.credentials import redacted
        from assay.config.note import note_of
        from assay.experiment.provenance import provenance
        from assay.tuning.record import write_record

        settings, base = self.settings, self.settings.base
        record = {
            "command": redacted(self.command),
            "asked": self._asked(study),
            "objectives": settings.objective.names,
            "metrics": [asdict(metric) for metric in settings.objective.metrics],
            "sampler": settings.sampler,
            "pruning": settings.pruning,
            "space": [
                {**each.identity(), "meaning": each.meaning, "group": each.group, "typed": self.typed.get(each.name)}
                for each in settings.space.parameters
            ],
            "seeds": [base.seed + k for k in range(self.options.seeds_per_trial)],
            "validation_pairs": settings.study.size(base, VAL),
            "sample": settings.study.sample,
            "note": note_of(base),
            "provenance": provenance(settings.study, base, self.choices, splits=(TRAIN, VAL)),
        }
        write_record(self.folder, record)

    def _asked(self, study: optuna.Study | None) -> dict[str, Any]:
        """What the command asks for, `named` those of best and confirm that were typed."""
        from assay.tuning.samplers.sampler import samples_left

        options, settings = self.options, self.settings
        return {
            "trials": options.trials,
            "timeout_s": options.timeout,
            "best": self.best,
            "confirm": self._fresh().seeds if options.confirm != 0 else 0,
            "named": [name for name in ("best", "confirm") if getattr(options, name)],
            "used_up": study is not None and not samples_left(settings.sampler, settings.space, study),
        }

    def _write_tables(self, study: optuna.Study) -> None:
        from assay.tuning.record import write_tables

        write_tables(self.folder, study, self.settings.space, self.settings.objective.metrics)

    def _say_how_to_go_on(self, study: optuna.Study) -> None:
        ended = sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))
        print(
            f"stopped with {ended} of {self.options.trials} trials ended; all of them are kept in {self.folder}. "
            f"To go on: {typed(self.command)}",
            file=sys.stderr,
        )


def _settings(options: Namespace, config: RootConfig, space: Space, objective: Objective) -> SearchSettings:
    from assay.experiment.trial import validation_trial
    from assay.tuning.pruning import ASHA, NONE
    from assay.tuning.settings import SearchSettings

    seeds = range(config.seed, config.seed + options.seeds_per_trial)
    pruning = NONE if options.no_prune or objective.several else ASHA
    return SearchSettings(
        space=space,
        base=config,
        objective=objective,
        sampler=options.sampler,
        pruning=pruning,
        seed=config.seed,
        make=lambda number, sample: [
            validation_trial(objective.study, f"trial{number}", sample, seed) for seed in seeds
        ],
    )


def _bounds(typed: str) -> str:
    """`1e2:1e9` of `1e2:1e9:log`."""
    return ":".join(part.strip() for part in typed.split(":")[:2])


def _console() -> Console:
    """A console that is wide enough for a table where there is no terminal."""
    from rich.console import Console

    console = Console()
    console.width = console.width if console.is_terminal else 120
    return console
