"""`python -m platform.ablate`: train and test the rows of an ablation suite."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.gate import add_gate, gated, gates_of
from assay.cli.parser import add_plan, add_study, as_typed, check_plan, command_parser, examples_for
from assay.cli.plan import previewed
from assay.cli.process.ending import ENDING, add_notify
from assay.config.errors import UserError, one_line
from assay.config.text.command_line import called, typed
from assay.config.text.credentials import redacted
from assay.console.activity import doing

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from assay.evidence.statistics.gate import Gate
    from assay.experiment.suite import Suite
    from assay.launch.ablation import PlannedAblation
    from assay.runs import Run
    from assay.store.run.folder import RunRecord
    from assay.study import Study

__all__ = ["SUMMARY", "main"]

SUMMARY = "train and test the rows of an ablation suite, each with a verdict"

_DESIGNS = {
    "factorial": "combine the parts that these rows (else all) take out: effects and interactions",
    "pairs": "the base, each part out, and each two of them out",
    "add-one": "all parts out, each alone added, and the base",
    "shapley": "a share for every part, which add up to base less nothing",
}
KINDS = tuple(_DESIGNS)

EXAMPLES = """\
examples:
  python -m platform.ablate --study my_study.py --all           every row of its suite
  python -m platform.ablate --study train.yaml --all --seeds 3  your training script as it is, three seeds a row
  python -m platform.ablate --study my_study.py --all --until-decided  more seeds where cells are open
  python -m platform.ablate --study my_study.py --all --within 10m  the best table that ten minutes allow for
  python -m platform.ablate --study my_study.py --all --plan    what would be trained, shared and reused; trains nothing
  python -m platform.ablate --study my_study.py --list          the rows of the suite
  python -m platform.ablate --study my_study.py --factorial     its rows crossed: what parts do to each other
  python -m platform.ablate --study my_study.py --shapley a b c a share for each of three rows' parts

A study is a YAML file that names a command, a Python file, MODULE:NAME, or the name of one that is installed.
The same command again goes on where the last one stopped; what is in the storage is not trained again.
Configuration: any key=value of the study, and seed, seeds, storage, note, cluster; base=FILE takes a YAML file.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command.

    Returns:
        With code 0 if every row that was asked for finished, 1 if one failed.
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

    from assay.api import plan
    from assay.studies import load_study

    study = load_study(default if options.study is None else options.study)
    given = [*options.words, *(word for kind in KINDS for word in getattr(options, kind) or ())]
    words = [word for word in given if "=" in word]
    names = [word for word in given if "=" not in word]
    if options.gate and (options.rerun or options.list):
        raise UserError("--gate belongs to a run: leave out --list and --rerun")
    if options.rerun:
        from assay.cli.rerun import trained_again

        return trained_again(study, options.rerun, _storage(study, words))
    from assay.experiment.suite import suite_of

    suite = suite_of(study, options.suite)
    design, rows = _designed(options, suite, names)
    if options.list:
        return _listed(_combined(suite, rows, design), study)
    if not rows and not design:
        raise UserError("nothing to do: name rows, or give --all; --list shows the rows, --help examples")
    command = (*called("ablate").split(), *(sys.argv[1:] if argv is None else argv))
    with doing("reading data", lines=argv is None):
        planned = plan(
            study,
            options.suite,
            **({"parts": rows or None, **design} if design else {"rows": rows}),
            seeds=options.seeds,
            until_decided=options.until_decided,
            within=options.within,
            output=options.output,
            address=options.address,
            words=words,
            command=command,
        )
    gates = gates_of(options.gate, planned.record, planned.config.seeds)
    if options.plan:
        return previewed(planned, probe=options.probe)
    ENDING.begun("ablate", planned.run_folder.folder, began, options.notify)
    return _run(planned, command, began, gates)


def _designed(options: argparse.Namespace, suite: Suite, names: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """The design that is asked for, if one is, as `assay.plan` takes it, and the rows that are named."""
    kinds = [kind for kind in KINDS if getattr(options, kind) is not None]
    if len(kinds) > 1:
        raise UserError(f"expected one design; got --{' and --'.join(kinds)}")
    if not kinds and (options.cells is not None or options.orders is not None):
        raise UserError("--cells belongs to --factorial, --orders to --shapley")
    if kinds and options.all and names:
        raise UserError("parts are named, and --all is given: expected one of the two")
    every = [variant.name for variant in suite.default] if options.all else []
    asked = {"design": kinds[0], "cells": options.cells, "orders": options.orders} if kinds else {}
    return asked, [*every, *names]


def _combined(suite: Suite, rows: Sequence[str], design: dict[str, Any]) -> Suite:
    """The suite whose rows a design makes."""
    if not design:
        return suite
    from assay.experiment.combination import designed

    return designed(suite, design["design"], rows or None, design["cells"], design["orders"])


def _storage(study: Study, overrides: list[str]) -> str | None:
    """The store that the words name, if they name one."""
    named = [word for word in overrides if word.startswith("storage=")]
    return study.schema.compose(named).storage if named else None


def _parser(examples: str) -> argparse.ArgumentParser:
    parser = command_parser("ablate", SUMMARY, examples)
    add_study(parser)
    parser.add_argument("words", nargs="*", metavar="ROW | key=value", help="rows of the suite, and configuration")
    parser.add_argument("--all", action="store_true", help="every row of the suite, without its alternatives")
    help_of_seeds = (
        "seeds for each row (the study says how many); several, 6,8,11: looks, at each of which open rows go on"
    )
    parser.add_argument("--seeds", type=_seeds, metavar="N[,N]", help=help_of_seeds)
    help_of_looks = "more seeds until every cell has its word: looks at 6, 8 and 11 seeds, open rows go on"
    parser.add_argument("--until-decided", action="store_true", help=help_of_looks)
    help_of_within = "end within a time, 10m or 2h, with the best table that it allows for"
    parser.add_argument("--within", metavar="TIME", help=help_of_within)
    parser.add_argument("--suite", metavar="NAME", help="a suite, or a YAML file (default: the study's own)")
    parser.add_argument("--list", action="store_true", help="show the rows of the suite and stop")
    for kind, text in _DESIGNS.items():
        parser.add_argument(f"--{kind}", nargs="*", metavar="PART", dest=kind, help=text)
    parser.add_argument("--cells", type=int, metavar="N", help="with --factorial: a fraction of so many combinations")
    parser.add_argument("--orders", type=int, metavar="N", help="with --shapley: draw so many orders of adding parts")
    add_plan(parser, "show what would be done and stop")
    add_gate(parser)
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder of this run (default: under runs/)")
    parser.add_argument("--address", metavar="ADDR", help="Ray cluster: auto or ray://HOST:PORT (else this machine)")
    add_notify(parser)
    parser.add_argument("--rerun", metavar="TRIAL", help="train one stored trial again, without Ray, and compare")
    return parser


def _seeds(text: str) -> int | list[int]:
    """`5`, or `6,8,11`."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a number, or several as 6,8,11; got {text!r}") from error
    return numbers if "," in text else numbers[0]


def _listed(suite: Suite, study: Study) -> Answer:
    from assay.experiment.suite import suite_names

    names = suite_names(study.suites)

    def result() -> Result:
        from assay.documents.plans import rows_of

        return rows_of(suite, names)

    return Answer(partial(_print_rows, suite, [name for name in names if name != suite.name]), result)


def _print_rows(suite: Suite, others: Sequence[str]) -> None:
    from rich.text import Text

    from assay.console.listing import Line, print_listing

    lines = []
    for variant in suite.variants:
        changes = tuple(one_line(f"{path}={as_typed(value)}") for path, value in variant.changes.items())
        lines.append(Line(((variant.name,), variant.title, changes or ("none",)), dim=variant.alternative))
    title = Text(f"{suite.title} ({suite.name})", style="italic")
    print_listing(title, ("row", "title", "changes to the base"), lines)
    if alternatives := [variant.name for variant in suite.variants if variant.alternative]:
        which = ", ".join(alternatives if len(alternatives) < 4 else (alternatives[0], "...", alternatives[-1]))
        print(f"{len(alternatives)} other reading(s) ({which}): --all leaves them out, they run when they are named.")
    if others and not suite.design:
        print(f"other suites: {', '.join(others)} (--suite NAME)")


def _run(planned: PlannedAblation, command: Sequence[str], began: float, gates: Sequence[Gate]) -> Answer:
    try:
        run = planned.run(began=began)
    except KeyboardInterrupt:
        print(
            f"what was done is kept in {redacted(planned.config.storage)}. To go on: {typed(command)}", file=sys.stderr
        )
        raise

    def result() -> Result:
        from assay.documents.ablation import ablation_of

        return ablation_of(run)

    code = FAILED if run.unfinished else 0
    answer = Answer(partial(_conclude, run, planned), result, code, written=run.tables, told=run.unfinished)
    return gated(answer, gates, run)


def _conclude(run: Run, planned: PlannedAblation) -> None:
    """Print the table, what was reused, where everything is, and what more seeds would bring."""
    from rich.console import Console

    from assay.launch.trials.more_seeds import more_seeds_lines

    console = Console()
    console.width = console.width if console.is_terminal else 100
    run.print_to(console)
    print(_reused(run.record, planned.config.storage))
    print("written: " + ", ".join(str(path) for path in run.tables))
    print(f"all the evidence: {called('report')} {run.folder}")
    with doing("working out what more seeds would bring"):
        more = list(more_seeds_lines(planned, run))
    for line in more:
        print(line)


def _reused(record: RunRecord, storage: str) -> str:
    from assay.console.amounts import duration
    from assay.experiment.planning.reuse import reuse_of
    from assay.store.store import Store

    reuse = reuse_of(record.trials, Store.to_read(storage))
    tells = reuse.epochs_trained + reuse.epochs_saved != reuse.trained + reuse.reused  # stages of one step each do not
    text = f"trained {reuse.trained} stages" + (f" ({reuse.epochs_trained} epochs)" if tells else "")
    if not reuse.reused:
        return text
    saved = f"{f'{reuse.epochs_saved} epochs and ' if tells else ''}about {duration(reuse.seconds_saved)} of training"
    return f"{text}; reused {reuse.reused} stages, shared or stored, which saved {saved}"


if __name__ == "__main__":
    raise SystemExit(main())
