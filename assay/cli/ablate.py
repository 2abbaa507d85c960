"""`python -m platform.ablate`: train and test the rows of an ablation suite."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.cli.exit import exit_code
from assay.cli.parser import add_plan, add_study, called, check_plan, command_parser, typed
from assay.config.errors import UserError, one_line

if TYPE_CHECKING:
    from assay.config.root import RootConfig
    from assay.experiment.suite import Suite, Variant
    from assay.store.run import RunFolder, RunRecord
    from assay.store.store import Store
    from assay.study import Study

__all__ = ["SUMMARY", "main"]

SUMMARY = "train and test the rows of an ablation suite, each with a verdict"

EXAMPLES = """\
examples:
  python -m platform.ablate --study my_study.py --all           every row of its suite
  python -m platform.ablate --study train.yaml --all --seeds 3  your training script as it is, three seeds a row
  python -m platform.ablate --study my_study.py --all --plan    what would be trained, shared and reused; trains nothing
  python -m platform.ablate --study my_study.py --list          the rows of the suite

A study is a YAML file that names a command, a Python file, MODULE:NAME, or the name of one that is installed.
The same command again goes on where the last one stopped; what is in the storage is not trained again.
Configuration: any key=value of the study, and seed, seeds, storage, note, cluster; base=FILE takes a YAML file.
"""


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 if every row that was asked for finished, 1 if one failed.
    """
    return run(argv)


def run(argv: list[str] | None, default: str | None = None, examples: str = EXAMPLES) -> int:
    """The command, with a study that is taken where none is named.

    Args:
        argv: what stands after the command's name; None takes it from the process.
        default: as `--study` takes it.
        examples: for the help.
    """
    options = _parser(examples).parse_intermixed_args(argv)
    check_plan(options)

    from assay.studies import load_study

    study = load_study(default if options.study is None else options.study)
    overrides = [word for word in options.words if "=" in word]
    names = [word for word in options.words if "=" not in word]
    if options.rerun:
        from assay.cli.rerun import rerun

        return rerun(study, options.rerun, _storage(study, overrides))
    from assay.experiment.suite import suite_of

    suite = suite_of(study, options.suite)
    if options.list:
        return _print_rows(suite)
    if not names and not options.all:
        raise UserError("nothing to do: name rows, or give --all; --list shows the rows, --help examples")
    every = [variant.name for variant in suite.default] if options.all else []
    variants = suite.pick([*every, *names])
    if options.seeds is not None:
        overrides.append(f"seeds={options.seeds}")
    return _ablate(study, suite, variants, overrides, options, sys.argv[1:] if argv is None else argv)


def _storage(study: Study, overrides: list[str]) -> str | None:
    """The store that the words name, if they name one."""
    named = [word for word in overrides if word.startswith("storage=")]
    return study.schema.compose(named).storage if named else None


def _parser(examples: str) -> argparse.ArgumentParser:
    parser = command_parser("ablate", SUMMARY, examples)
    add_study(parser)
    parser.add_argument("words", nargs="*", metavar="ROW | key=value", help="rows of the suite, and configuration")
    parser.add_argument("--all", action="store_true", help="every row of the suite, without its alternatives")
    parser.add_argument("--seeds", type=int, metavar="N", help="seeds for each row (the preset says how many)")
    parser.add_argument("--suite", metavar="NAME", help="a suite, or a YAML file (default: the study's own)")
    parser.add_argument("--list", action="store_true", help="show the rows of the suite and stop")
    add_plan(parser, "show what would be done and stop")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder of this run (default: under runs/)")
    parser.add_argument("--address", metavar="ADDR", help="Ray cluster: auto or ray://HOST:PORT (else this machine)")
    parser.add_argument("--rerun", metavar="TRIAL", help="train one stored trial again, without Ray, and compare")
    return parser


def _print_rows(suite: Suite) -> int:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    title = Text(f"{suite.title} ({suite.name})")
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    for name in ("row", "title", "changes to the base"):
        table.add_column(name, overflow="fold")
    for variant in suite.variants:
        changes = " ".join(f"{path}={_plain(value)}" for path, value in variant.changes.items())
        cells = (variant.name, variant.title, one_line(changes) or "none")
        table.add_row(*map(Text, cells), style="dim" if variant.alternative else "")
    Console().print(table)
    if alternatives := [variant.name for variant in suite.variants if variant.alternative]:
        which = ", ".join(alternatives if len(alternatives) < 4 else (alternatives[0], "...", alternatives[-1]))
        print(f"{len(alternatives)} other reading(s) ({which}): --all leaves them out, they run when they are named.")
    return 0


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ablate(
    study: Study,
    suite: Suite,
    variants: tuple[Variant, ...],
    overrides: list[str],
    options: argparse.Namespace,
    argv: list[str],
) -> int:
    from assay.cli.carry_out import carry_out, record_of
    from assay.cli.configuration import configuration
    from assay.evidence.published import answered
    from assay.experiment.continuation import check_continues
    from assay.experiment.plan import plan
    from assay.store.lock import sole_writer
    from assay.store.run import RunFolder
    from assay.store.store import Store

    answered(suite.published, study.published, suite.answers)  # a mistake in the suite, before anything is looked at
    config, choices = configuration(study, overrides, address=options.address)
    trials, store = _trials(study, config, suite, variants), Store(config.storage, read_only=options.plan)
    run = RunFolder(options.output or _default_folder(suite.name))
    run.check_writable("ablation")
    store.files.check(writable=not options.plan)
    planned = plan(trials, store, verify=not options.plan)
    command = (*called("ablate").split(), *argv)
    record = record_of("ablation", study, suite, variants, planned, config, choices, command)
    check_continues(run, record, config)
    if options.plan:
        from assay.console.preview import preview

        preview(study, planned, record, config, store, options.address, probe=options.probe)
        return 0
    try:
        with sole_writer(run.folder):
            check_continues(run, record, config)  # again: another command may have begun it meanwhile
            return _conclude(run, carry_out(study, planned, store, run, record, config, options.address), store)
    except KeyboardInterrupt:
        print(f"what was done is kept in {store.files.root}. To go on: {typed(command)}", file=sys.stderr)
        raise


def _trials(study: Study, config: RootConfig, suite: Suite, variants: tuple[Variant, ...]) -> tuple[Any, ...]:
    from assay.experiment.trial import baseline_trial, trials_of

    return (
        *(baseline_trial(study, rule, config) for rule in suite.baselines),
        *trials_of(study, config, variants, config.seeds),
    )


def _default_folder(suite: str) -> Path:
    """A folder that is not there yet."""
    import time

    from assay.store.names import file_name

    first = Path("runs") / f"{time.strftime('%Y%m%d-%H%M%S')}-{file_name(suite)}"
    others = (first.with_name(f"{first.name}-{count}") for count in range(2, 1000))
    return next(folder for folder in (first, *others) if not folder.exists())


def _conclude(run: RunFolder, record: RunRecord, store: Store) -> int:
    """Print the table, what was reused, and where everything is."""
    from rich.console import Console

    from assay.cli.carry_out import unfinished
    from assay.evidence.measurements import measurements
    from assay.evidence.proof import proof_of
    from assay.evidence.tables.render import terminal, write_tables
    from assay.evidence.tables.table import table_of

    measured = measurements(run)
    table = table_of(measured)
    paths = write_tables(run, table)
    console = Console()
    console.width = console.width if console.is_terminal else 100
    console.print(terminal(table, console.width))
    for alarm in proof_of(run, measured).alarms.itertuples():
        print(f"alarm: {alarm.title}: {alarm.alarm}")
    print(_reused(record, store))
    print("written: " + ", ".join(str(path) for path in paths))
    print(f"all the evidence: {called('report')} {run.folder}")
    lines = unfinished(record, run.folder)
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0


def _reused(record: RunRecord, store: Store) -> str:
    from assay.console.display import duration
    from assay.experiment.reuse import reuse_of

    reuse = reuse_of(record.trials, store)
    text = f"trained {reuse.trained} stages ({reuse.epochs_trained} epochs)"
    if not reuse.reused:
        return text
    saved = f"which saved {reuse.epochs_saved} epochs and about {duration(reuse.seconds_saved)} of training"
    return f"{text}; reused {reuse.reused} stages, shared or stored, {saved}"


if __name__ == "__main__":
    raise SystemExit(main())
