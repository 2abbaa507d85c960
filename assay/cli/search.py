"""`python -m platform.search`: tune hyperparameters, and confirm the best with fresh seeds on the test split."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.exit import exit_code
from assay.cli.parser import add_plan, called, check_plan, command_parser
from assay.config.errors import UserError, one_line

if TYPE_CHECKING:
    from assay.search.parameter import Parameter

__all__ = ["SUMMARY", "main"]

SUMMARY = "tune loss weights and other hyperparameters"

EXAMPLES = """\
examples:
  python -m platform.search alpha3 beta1                  two loss weights, 12 trials on generated scenes, in minutes
  python -m platform.search alpha3=1:32 lr=1e-4:1e-2:log  other ranges than those of --list
  python -m platform.search loss_weights --trials 100     a whole group
  python -m platform.search graph_branch=reasoning,none fusion_swap --sampler grid
  python -m platform.search alpha4 alpha5 --objective VIF,SSIM --sampler nsga2 --trials 60
  python -m platform.search alpha3 beta1 preset=standard data.root=DIR --seeds-per-trial 2 --timeout 36000
  python -m platform.search alpha3 beta1 --plan           what would be trained at most, and for how long
  python -m platform.search --list                        every parameter, its range and the paper's value
  python -m platform.ablate --all base=DIR/best.yaml      the ablation around the best configuration

The same command again goes on where the last one stopped, after Ctrl-C or a crash too; with a larger --trials it goes
further. best.yaml is the best trial inside the ranges; defaults that lie outside are tried, but never the best. With
one worker (cluster.max_concurrent=1) the same search gives the same trials. The study in DIR is a journal file of
Optuna: optuna-dashboard DIR/study.journal. Configuration: any key=value, as for platform.ablate. The exit code is 1 if
a trial failed (one that was stopped early has not), or if fewer could be confirmed than --best or --confirm asked for.
"""


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 if the search and its confirmation are done; 1 if a trial failed or was left, if none inside the ranges
        finished, or if fewer could be confirmed than --best or --confirm asked for.
    """
    options = _parser().parse_intermixed_args(argv)
    _check(options)
    from assay.search.space import catalogue, catalogue_files, declared_parameters
    from smfnet.study import study

    known = catalogue(catalogue_files(study().spaces, options.space))
    known = declared_parameters(study().schema.config()) | known
    if options.list:
        return _print_list(known)
    from assay.cli.search_command import SearchCommand
    from assay.search.objective import objective_of
    from assay.search.ranges import split_words

    objective, asked = objective_of(options.objective, study()), split_words(options.words, known, study().schema)
    command = (*called("search").split(), *(sys.argv[1:] if argv is None else argv))
    search = SearchCommand(options, objective, asked, command)
    return search.preview() if options.plan else search.run()


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("search", SUMMARY, EXAMPLES)
    add = parser.add_argument
    add("words", nargs="*", metavar="PARAMETER[=RANGE] | GROUP | key=value", help="what to search, and configuration")
    add("--list", action="store_true", help="show the parameters and stop")
    add_plan(parser, "show what would be trained at most, and stop")
    add("--space", type=Path, metavar="FILE", help="a YAML file of further parameters")
    add("--objective", metavar="NAME[,NAME]", help="a metric, several (a front), or score (default)")
    add("--sampler", default="tpe", metavar="NAME", help="tpe (default), random, grid, cmaes or nsga2")
    add("--no-prune", action="store_true", help="let poor trials go to their end too (the best may learn slowly)")
    add("--trials", type=int, default=12, metavar="N", help="trials in all, earlier commands included (default: 12)")
    add("--timeout", type=float, metavar="S", help="begin no trial after so many seconds of this command")
    add("--seeds-per-trial", type=int, default=1, metavar="N", help="seeds of each trial; its value is their mean (1)")
    add("--best", type=int, metavar="N", help="how many of the best meet the test split (2)")
    add("--confirm", type=int, metavar="SEEDS", help="fresh seeds for each of them (the preset says how many); 0: none")
    add("--output", type=Path, metavar="DIR", help="folder of this search (default: runs/search-NAMES-HASH)")
    add("--address", metavar="ADDR", help="Ray cluster: auto or ray://HOST:PORT (else this machine)")
    return parser


def _check(options: argparse.Namespace) -> None:
    """Refuse a budget that allows nothing, or that nobody has."""
    check_plan(options)
    bounds = {"trials": (1, 100_000), "seeds_per_trial": (1, 1000), "best": (1, 1000), "confirm": (0, 1000)}
    for name, (low, high) in bounds.items():
        value, option = getattr(options, name), f"--{name.replace('_', '-')}"
        if value is not None and value < low:
            raise UserError(f"{option}: expected at least {low}; got {value}")
        if value is not None and value > high:
            raise UserError(f"{option}: expected at most {high}; got {value}")
    if options.timeout is not None and not 0 < options.timeout < float("inf"):
        raise UserError(f"--timeout: expected a number of seconds above 0; got {options.timeout:g}")


def _print_list(known: dict[str, Parameter]) -> int:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from assay.search.parameter import plain

    console = Console()
    console.width = console.width if console.is_terminal else 140
    for group in dict.fromkeys(parameter.group for parameter in known.values()):
        table = Table(box=None, pad_edge=False, title=Text(one_line(group), style="bold"), title_justify="left")
        for name in ("name", "range or choices", "paper", "meaning", "path"):
            table.add_column(name, overflow="fold", no_wrap=name == "name")
        for parameter in (each for each in known.values() if each.group == group):
            where = parameter.path or "several"
            cells = (parameter.name, _range(parameter), plain(parameter.paper), parameter.meaning, where)
            table.add_row(*(Text(one_line(cell)) for cell in cells))
        console.print(table)
        console.print()
    print("Take them by name or by group; NAME=LOW:HIGH, NAME=LOW:HIGH:SCALE or NAME=VALUE,VALUE sets another range.")
    return 0


def _range(parameter: Parameter) -> str:
    per = ", ".join(f"for {path}={value:g}" for path, value in parameter.per.items())
    return f"{parameter.range} ({per})" if per else parameter.range


if __name__ == "__main__":
    raise SystemExit(main())
