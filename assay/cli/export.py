"""`python -m platform.export`: a run as one file that works elsewhere."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.output import check_file, check_folder
from assay.cli.parser import add_study, command_parser
from assay.config.errors import UserError, one_line
from assay.config.text.command_line import called

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from assay.runs.export import Exported

__all__ = ["SUMMARY", "main"]

SUMMARY = "a run as one file: results, report, and weights that are named"

EXAMPLES = """\
examples:
  python -m platform.export runs/table5 table5.zip                    and the weights of the base row's first seed
  python -m platform.export runs/table5 --row ours --row no_graph table5.zip
  python -m platform.export runs/table5 --row ours --seed 2025 --seed 2026 table5.zip
  python -m platform.export runs/table5 --all table5.zip              the weights of every finished training
  python -m platform.export runs/table5 --no-weights table5.zip       results and report alone
  python -m platform.export runs/NAME --study my_study.py --models NAME.zip   and the networks for other programs
  python -m platform.export table5.zip --unpack DIR                   DIR/table5, every name and checksum looked at

On any machine with this platform the unpacked folder is the run: `report`, tables and notebooks read it, and what uses
the weights of a row finds them in the folder, without the storage. Any program for zip files unpacks it too.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 1 if `--all` was asked for and a training of the run has not finished."""
    return run(argv)


def run(argv: list[str] | None, default: str | None = None, examples: str = EXAMPLES) -> Answer:
    """The command, with a study that is taken where none is named.

    Args:
        argv: what stands after the command's name; None takes it from the process.
        default: as `--study` takes it.
        examples: for the help.
    """
    options = _parser(examples).parse_intermixed_args(argv)
    options.study = default if options.study is None else options.study
    return _pack(options) if options.unpack is None else _unpack(options)


def _parser(examples: str) -> argparse.ArgumentParser:
    parser = command_parser("export", SUMMARY, examples)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run; with --unpack: the zip file")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE.zip", help="where it goes")
    parser.add_argument("--row", action="append", metavar="ROW", help="its weights too; may be given several times")
    parser.add_argument("--seed", action="append", type=int, metavar="N", help="of these rows (the first finished one)")
    parser.add_argument("--all", action="store_true", help="the weights of every finished training")
    parser.add_argument("--no-weights", action="store_true", help="no weights at all")
    text = "the networks as files for other programs too, below models/; which, is the study's to say"
    parser.add_argument("--models", action="store_true", help=text)
    add_study(parser)
    parser.add_argument("--storage", metavar="DIR", help="where the weights are, if not where the run says")
    parser.add_argument("--force", action="store_true", help="replace FILE.zip if it is there")
    parser.add_argument("--unpack", type=Path, metavar="DIR", help="unpack a zip file into DIR instead")
    return parser


def _pack(options: argparse.Namespace) -> Answer:
    from assay.api import export

    if options.file is None:
        raise UserError(f"expected a file to write to: {called('export')} RUN FILE.zip")
    if sum((options.all, options.no_weights, options.row is not None)) > 1:
        raise UserError("--row, --all and --no-weights exclude each other: give one of them")
    if options.seed and (options.all or options.no_weights):
        raise UserError("--seed belongs to --row or to the base row: leave it out")
    if options.file.suffix.lower() != ".zip":
        raise UserError(f"{options.file}: expected a name that ends in .zip")
    if options.models and (options.no_weights or options.study is None):
        raise UserError(
            "--models " + ("needs weights: leave out --no-weights" if options.no_weights else "needs --study")
        )
    check_file(options.file, "FILE.zip")
    if options.file.exists() and not options.force:
        raise UserError(f"{options.file} is there already: give another name, or --force to replace it")
    rows = [] if options.no_weights else options.row
    study = options.study if options.models else None
    how = {"every": options.all, "storage": options.storage, "study": study}
    done = export(options.run, options.file, rows=rows, seeds=options.seed, **how)

    def result() -> Result:
        from assay.documents.kept import export_of

        return export_of(done)

    code = FAILED if options.all and done.unfinished else 0
    return Answer(partial(_tell, done), result, code, written=[done.path])


def _tell(done: Exported) -> None:
    size = done.path.stat().st_size / 2**20
    weights = ", ".join(trial.id for trial in done.weights) or "none"
    print(one_line(f"written: {done.path}, {size:.1f} MiB, {done.files} files; weights: {weights}"))
    if done.models:
        print(one_line(f"for other programs, in models/: {', '.join(done.models)}"))
    if done.unfinished:
        print(one_line(f"not finished, so without weights: {', '.join(trial.id for trial in done.unfinished)}"))
    print(f"elsewhere: {called('export')} {one_line(done.path.name)} --unpack DIR")


def _unpack(options: argparse.Namespace) -> Answer:
    from assay.api import unpack

    if (
        options.file
        or options.row
        or options.seed
        or options.all
        or options.no_weights
        or options.force
        or options.models
    ):
        raise UserError("--unpack takes the zip file and a folder, and nothing else")
    check_folder(options.unpack, "--unpack")
    folder = unpack(options.run, options.unpack)

    def result() -> Result:
        from assay.documents.kept import Unpacked

        return Unpacked(folder=str(folder))

    return Answer(lambda: print(f"unpacked: {folder}"), result, written=[folder])


if __name__ == "__main__":
    raise SystemExit(main())
