"""`python -m platform.search`: tune hyperparameters, and confirm the best with fresh seeds on the test split."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.gate import add_gate, gated
from assay.cli.parser import add_plan, add_study, check_plan, command_parser, examples_for
from assay.cli.plan import previewed
from assay.cli.process.ending import ENDING, add_notify
from assay.config.errors import UserError, one_line
from assay.config.text.command_line import called, typed
from assay.console.activity import doing

if TYPE_CHECKING:
    from rich.console import Console

    from assay.documents.envelope import Result
    from assay.evidence.statistics.gate import Gate
    from assay.launch.search import PlannedSearch
    from assay.runs import SearchRun
    from assay.study import Study
    from assay.tuning.spaces.parameter import Parameter

__all__ = ["SUMMARY", "main"]

SUMMARY = "tune loss weights and other hyperparameters"

EXAMPLES = """\
examples:
  python -m platform.search --study my_study.py --list           the parameters, their ranges, and what they mean
  python -m platform.search --study my_study.py lr --trials 30   one of them, 30 trials
  python -m platform.search --study train.yaml lr=1e-4:1e-2:log  another range
  python -m platform.search --study my_study.py lr --plan        what would be trained at most; trains nothing

Trials are valued on validation samples; the best meet the test split at the end, beside the defaults, with fresh seeds.
The same command again goes on where the last one stopped.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command.

    Returns:
        With code 0 if the search and its confirmation are done; 1 if a trial failed or was left, if none inside the
        ranges finished, or if fewer could be confirmed than --best or --confirm asked for.
    """
    return run(argv)


def run(argv: list[str] | None, default: str | None = None, examples: str = EXAMPLES) -> Answer:
    """The command, with a study that is taken where none is named.

    Args:
        argv: what stands after the command's name; None takes it from the process.
        default: as `--study` takes it.
        examples: for the help.
    """
    began = time.monotonic()
    options = _parser(examples_for(argv, examples, EXAMPLES)).parse_intermixed_args(argv)
    check_plan(options)

    from assay.studies import load_study
    from assay.tuning.spaces.space import parameters_of

    study = load_study(default if options.study is None else options.study)
    if options.gate and options.list:
        raise UserError("--gate belongs to a search: leave out --list")
    if options.list:
        return _listed(parameters_of(study, options.space), study.defaults_of)
    command = (*called("search").split(), *(sys.argv[1:] if argv is None else argv))
    with doing("reading data", lines=argv is None):
        planned = _planned(study, options, command)
    gates = _gates(options.gate, planned)
    if options.plan:
        return previewed(planned, probe=options.probe)
    ENDING.begun("search", planned.folder, began, options.notify)
    return _run(planned, command, began, gates)


def _gates(texts: Sequence[str], planned: PlannedSearch) -> list[Gate]:
    """The gates, checked against the rows and metrics that the confirmation will have."""
    from assay.evidence.statistics.gate import gate_of

    if not texts:
        return []
    if not planned.confirmed_rows:
        raise UserError("--gate is answered by the confirmation: leave out --confirm 0")
    base, *others = planned.confirmed_rows
    metrics, seeds = planned.confirmation.metrics, planned.confirmation.seeds
    return [gate_of(text, (base, *others), base, metrics, seeds) for text in texts]


def _parser(examples: str) -> argparse.ArgumentParser:
    parser = command_parser("search", SUMMARY, examples)
    add_study(parser)
    add = parser.add_argument
    add("words", nargs="*", metavar="PARAMETER[=RANGE] | GROUP | key=value", help="what to search, and configuration")
    add("--list", action="store_true", help="show the parameters and stop")
    add_plan(parser, "show what would be trained at most, and stop")
    add("--space", type=Path, metavar="FILE", help="a YAML file of further parameters")
    add("--objective", metavar="NAME[,NAME]", help="a metric, or several (a front); default: the study's")
    add("--sampler", default="tpe", metavar="NAME", help="tpe (default), random, grid, cmaes or nsga2")
    add("--no-prune", action="store_true", help="let poor trials go to their end too (the best may learn slowly)")
    add("--trials", type=int, default=12, metavar="N", help="trials in all, earlier commands included (default: 12)")
    add("--within", metavar="TIME", help="end within a time, 10m or 2h, the confirmation included")
    add("--seeds-per-trial", type=int, default=1, metavar="N", help="seeds of each trial; its value is their mean (1)")
    add("--best", type=int, metavar="N", help="how many of the best meet the test split (2)")
    add("--confirm", type=int, metavar="SEEDS", help="fresh seeds for each of them (the study says how many); 0: none")
    add("--from", dest="start_from", type=Path, metavar="DIR", help="an earlier search or ablation: what fits is taken")
    add_gate(parser)
    add("--output", type=Path, metavar="DIR", help="folder of this search (default: runs/search-NAMES-HASH)")
    add("--address", metavar="ADDR", help="Ray cluster: auto or ray://HOST:PORT (else this machine)")
    add_notify(parser)
    return parser


def _planned(study: Study, options: argparse.Namespace, command: Sequence[str]) -> PlannedSearch:
    from assay.api import plan_search

    return plan_search(
        study,
        *options.words,
        objective=options.objective,
        trials=options.trials,
        within=options.within,
        seeds_per_trial=options.seeds_per_trial,
        sampler=options.sampler,
        prune=not options.no_prune,
        best=options.best,
        confirm=options.confirm,
        start_from=options.start_from,
        space=options.space,
        output=options.output,
        address=options.address,
        command=command,
        ablate=(*called("ablate").split(), *(["--study", options.study] if options.study else [])),
    )


def _run(planned: PlannedSearch, command: Sequence[str], began: float, gates: Sequence[Gate]) -> Answer:
    try:
        found = planned.run(told=_print_search, began=began)
    except KeyboardInterrupt:
        _say_how_to_go_on(planned, command)
        raise

    def result() -> Result:
        from assay.documents.search import search_of

        return search_of(found)

    errors = [f"tracebacks, and what these trials printed: {found.errors}"] if found.errors else []
    code, told = FAILED if found.unfinished else 0, [*found.unfinished, *errors]
    answer = Answer(partial(_conclude, planned, found), result, code, _written(found), told)
    return gated(answer, gates, found.confirmation)


def _print_search(found: SearchRun) -> None:
    found.print_search(_console())


def _written(found: SearchRun) -> list[Path]:
    best = [found.best_config] if found.best_config.is_file() else []
    return [found.folder / "summary.md", *best, found.folder / "trials.csv"]


def _conclude(planned: PlannedSearch, found: SearchRun) -> None:
    """Say what the confirmation gave, and where everything is."""
    found.print_confirmation(_console())
    figures = found.folder / "figures"
    number = len({path.stem for path in figures.glob("search-*")})
    print(f"written: {', '.join(map(str, _written(found)))}, and {number} figures in {figures}")
    if found.best_config.is_file():
        what = "the best configuration" if found.answer.gained else "the best trial all the same"
        print(f"{what} in an ablation, from an unused seed: {typed(planned.ablate)} --all base={found.best_config}")
        print(found.answer.line)


def _say_how_to_go_on(planned: PlannedSearch, command: Sequence[str]) -> None:
    from assay.runs import SearchRun

    if not (planned.folder / "trials.csv").is_file():
        return
    trials, asked = SearchRun(planned.folder).trials, planned.budget.trials
    ended = int((~trials["state"].isin(["running", "waiting"]) & (trials["origin"] == "")).sum())
    print(
        f"stopped with {ended} of {asked} trials ended; all of them are kept in {planned.folder}. "
        f"To go on: {typed(command)}",
        file=sys.stderr,
    )


def _console() -> Console:
    """A console that is wide enough for a table where there is no terminal."""
    from rich.console import Console

    console = Console()
    console.width = console.width if console.is_terminal else 120
    return console


def _listed(known: dict[str, Parameter], defaults_of: str) -> Answer:
    def result() -> Result:
        from assay.documents.plans import parameters_of

        return parameters_of(known, defaults_of)

    return Answer(partial(_print_list, known, defaults_of), result)


def _print_list(known: dict[str, Parameter], defaults_of: str) -> None:
    from rich.text import Text

    from assay.console.listing import Line, print_listing
    from assay.tuning.spaces.parameter import plain

    for group in dict.fromkeys(parameter.group for parameter in known.values()):
        lines = []
        for parameter in (each for each in known.values() if each.group == group):
            copied = (parameter.name, _range(parameter), plain(parameter.paper), parameter.path or "several")
            name, values, default, path = ((one_line(text),) for text in copied)
            lines.append(Line((name, values, default, one_line(parameter.meaning), path)))
        columns = ("name", "range or choices", defaults_of, "meaning", "path")
        print_listing(Text(one_line(group), style="bold"), columns, lines)
        print()
    print("Take them by name or by group; NAME=LOW:HIGH, NAME=LOW:HIGH:SCALE or NAME=VALUE,VALUE sets another range.")


def _range(parameter: Parameter) -> str:
    per = ", ".join(f"for {path}={value:g}" for path, value in parameter.per.items())
    return f"{parameter.range} ({per})" if per else parameter.range


if __name__ == "__main__":
    raise SystemExit(main())
