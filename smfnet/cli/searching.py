"""One search from its words to its answers: study, trials, tables, figures, and the confirmation on the test split."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from smfnet.config.errors import UserError

if TYPE_CHECKING:
    import optuna
    from rich.console import Console

    from smfnet.config.root import Config
    from smfnet.experiment.results import Run
    from smfnet.experiment.store import Store
    from smfnet.search.objective import Objective
    from smfnet.search.ranges import Asked
    from smfnet.search.source import Plan
    from smfnet.search.space import Space

__all__ = ["Searching"]


class Searching:
    """What one command does.

    Args:
        options: of the command line, checked.
        objective: what is maximised.
        asked: parameters, ranges and configuration.
        command: what was typed.

    Raises:
        UserError: anything is wrong with any of it; nothing has been written then.
    """

    def __init__(self, options: Namespace, objective: Objective, asked: Asked, command: tuple[str, ...]) -> None:
        from smfnet.cli.configuration import configuration
        from smfnet.search.identity import default_folder, identity_of
        from smfnet.search.sampler import check_sampler

        self.options, self.command = options, command
        config, self.choices = configuration(asked.overrides, options.address, parts=("train", "val"))
        if not config.data.val_pairs:
            raise UserError("data.val_pairs=0: a search measures on validation pairs; expected at least 1")
        space = asked.space_for(config)
        space.check(config)
        check_sampler(options.sampler, space, objective)
        self.plan = _plan(options, config, space, objective)
        self.identity = identity_of(self.plan, options.seeds_per_trial)
        self.folder: Path = options.output or default_folder(self.identity)

    def run(self) -> int:
        """Search, answer, confirm; see `smfnet.cli.search.main` for what is returned."""
        from smfnet.experiment.store import Store
        from smfnet.search.study import check_folder, open_study, sole_writer

        check_folder(self.folder)
        store = Store(self.plan.base.storage)
        store.files.check()
        with sole_writer(self.folder):
            first = self.plan.space.first_samples(self.plan.base)
            study = open_study(self.folder, self.identity, self.plan.objective.names, first)
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
        from smfnet.cli.search_preview import preview_search
        from smfnet.experiment.store import Store

        config, options = self._fresh(), self.options
        rows = len(self.plan.space.first_samples(self.plan.base)) + options.best
        confirmed = None if options.confirm == 0 else (rows, config)
        store = Store(self.plan.base.storage)
        preview_search(self.plan, self.folder, options.trials, confirmed, store, options.address)
        return 0

    def _search(self, study: optuna.Study, store: Store) -> None:
        """Try samples until the budget is used up."""
        from smfnet.cli.search_display import SearchDisplay
        from smfnet.search.source import Budget, Search
        from smfnet.search.task import train_and_validate

        names, options, base = self.plan.objective.names, self.options, self.plan.base
        before = [trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished()]
        with SearchDisplay(names, options.trials, before) as display:
            search = Search(self.plan, study, store, Budget(options.trials, options.timeout), display)
            if not search.has_work():
                return
            from smfnet.cluster import run

            gpu = base.train.device == "cuda"
            run(search, base.storage, base.cluster, gpu=gpu, task=train_and_validate, address=options.address)

    def _conclude(self, study: optuna.Study, store: Store) -> int:
        """Say what came of it, and confirm the best."""
        from analysis.search_figures import write_search_figures
        from analysis.search_results import search_results
        from analysis.search_table import best_line, confirmation_lines, importance_lines, terminal, write_summary
        from smfnet.search.record import BEST_FILE, best_trials, write_best

        self._write_tables(study)
        best = best_trials(study)
        if not best:
            print(f"no trial has finished; {_reasons(study)}", file=sys.stderr)
            return 1
        names = self.plan.objective.names
        write_best(self.folder, best[0], self.plan.space, self.command, names)
        results = search_results(self.folder)
        _console().print(terminal(results))
        for line in filter(None, (best_line(results), *importance_lines(results))):
            print(line)
        figures = write_search_figures(results, self.folder / "figures")
        confirmed = None if (left := _left(study)) else self._confirm(study, store)
        told = confirmation_lines(confirmed, names) if confirmed else []
        for line in told:
            print(line)
        summary = write_summary(results, self.folder, told)
        written = (summary, self.folder / BEST_FILE, self.folder / "trials.csv")
        print(f"written: {', '.join(map(str, written))}, and {len(figures)} figures in {self.folder / 'figures'}")
        print(f"the best configuration in an ablation: python -m platform.ablate --all base={self.folder / BEST_FILE}")
        if left:
            print(left, file=sys.stderr)
            return 1
        return 1 if confirmed and any(trial.status != "finished" for trial in confirmed.record.trials) else 0

    def _confirm(self, study: optuna.Study, store: Store) -> Run | None:
        """Train the best and the defaults under fresh seeds and test them; None if that was not wanted."""
        from analysis.render import terminal, write_tables
        from analysis.table import ablation_table
        from smfnet.cli.running import record_of, run_plan
        from smfnet.data import check
        from smfnet.experiment.plan import plan
        from smfnet.experiment.results import Run
        from smfnet.experiment.trial import trials_of
        from smfnet.search.confirmation import add_objectives, confirmation

        suite = confirmation(study, self.plan.space, self.options.best)
        if self.options.confirm == 0 or suite is None:
            return None
        config = self._fresh()
        check(config.data)
        planned = plan(trials_of(config, suite.variants, config.seeds), store)
        record = record_of("search", suite, suite.variants, planned, config, self.choices, self.command)
        run = Run(self.folder)
        run_plan(planned, store, run, record, config, self.options.address)
        add_objectives(run, self.plan.objective)
        write_tables(run)
        console = _console()
        console.print(terminal(ablation_table(run), console.width))
        return run

    def _fresh(self) -> Config:
        """The configuration for the confirmation: other seeds, and a table that begins with the objectives."""
        from smfnet.search.confirmation import fresh
        from smfnet.search.objective import SCORE

        base, names = self.plan.base, self.plan.objective.names
        config = fresh(base, self.options.seeds_per_trial, self.options.confirm or base.seeds)
        columns = dict.fromkeys(name for name in (*names, *base.metrics.table) if name != SCORE)
        return replace(config, metrics=replace(config.metrics, table=tuple(columns)))

    def _write_record(self) -> None:
        from smfnet.data import validation_pairs
        from smfnet.experiment.provenance import provenance
        from smfnet.search.record import write_record

        plan, base = self.plan, self.plan.base
        record = {
            "command": self.command,
            "objectives": plan.objective.names,
            "sampler": plan.sampler,
            "pruning": plan.pruning,
            "space": [
                {**each.identity(), "meaning": each.meaning, "group": each.group} for each in plan.space.parameters
            ],
            "seeds": [base.seed + k for k in range(self.options.seeds_per_trial)],
            "validation_pairs": len(validation_pairs(base.data)),
            "note": base.note,
            "provenance": provenance(base, self.choices, parts=("train", "val")),
        }
        write_record(self.folder, record)

    def _write_tables(self, study: optuna.Study) -> None:
        from smfnet.search.record import write_tables

        write_tables(self.folder, study, self.plan.space, self.plan.objective.names)

    def _say_how_to_go_on(self, study: optuna.Study) -> None:
        ended = sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))
        print(
            f"stopped with {ended} of {self.options.trials} trials ended; all of them are kept in {self.folder}. "
            f"To go on: {' '.join(self.command)}",
            file=sys.stderr,
        )


def _plan(options: Namespace, config: Config, space: Space, objective: Objective) -> Plan:
    from smfnet.experiment.trial import validation_trial
    from smfnet.search.pruning import ASHA, NONE
    from smfnet.search.source import Plan

    seeds = range(config.seed, config.seed + options.seeds_per_trial)
    pruning = NONE if options.no_prune or objective.several else ASHA
    return Plan(
        space=space,
        base=config,
        objective=objective,
        sampler=options.sampler,
        pruning=pruning,
        seed=config.seed,
        make=lambda number, sample: [validation_trial(f"trial{number}", sample, seed) for seed in seeds],
    )


def _left(study: optuna.Study) -> str:
    """What is said of trials that something outside of them has ended; empty if there are none."""
    from optuna.trial import TrialState

    left = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    if not left:
        return ""
    numbers = ", ".join(str(trial.number) for trial in left)
    reason = left[0].user_attrs.get("reason", "")
    return f"not tried to the end: trials {numbers} ({reason}); the same command goes on there; none is confirmed yet"


def _reasons(study: optuna.Study) -> str:
    """Why the trials of a study failed or were not tried to the end, each reason once."""
    reasons = dict.fromkeys(str(t.user_attrs.get("reason", "")) for t in study.get_trials(deepcopy=False))
    return "; ".join(reason for reason in reasons if reason) or "none was begun"


def _console() -> Console:
    """A console that is wide enough for a table where there is no terminal."""
    from rich.console import Console

    console = Console()
    console.width = console.width if console.is_terminal else 120
    return console
