"""`python -m platform.fuse`: fuse your own infrared and visible images."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from assay.cli.exit import FAILED, exit_code
from assay.cli.output import check_folder
from assay.cli.parser import command_parser
from assay.config.errors import UserError
from smfnet.cli.source_ranges import OPTIONS, add_range_options

__all__ = ["SUMMARY", "main"]

NAMES = ("--ir", "--vi")
SUMMARY = "fuse your own infrared and visible images"

EXAMPLES = """\
examples:
  python -m platform.fuse runs/NAME ours --ir my/ir --vi my/vi --output my/fused
  python -m platform.fuse runs/NAME no_graph --seed 2026 --ir my/ir --vi my/vi --output my/fused
  python -m platform.fuse runs/NAME max --ir my/ir --vi my/vi --output my/fused        a training-free row
  python -m platform.fuse runs/NAME ours --ir my/ir --vi my/vi --output my/fused --ir-range 7200:7965   raw counts
  python -m platform.fuse --weights SMFNet.pth --ir my/ir --vi my/vi --output my/fused  the authors' release

The two images of a pair have the same name without suffix and the same size; PNG, JPEG, BMP or TIFF, 8 or 16 bit. The
fused images are PNG files of that name with the colour of the visible ones, stretched as in the run's test step. The
weights come from the run's storage.
"""


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 if every pair was fused, 1 if some were."""
    options = _parser().parse_intermixed_args(argv)
    if (options.weights is None) == (options.run is None):
        raise UserError("expected a run and a row (runs/NAME ours), or --weights FILE; --help shows examples")
    check_folder(options.output, "--output")
    from smfnet.api import FusedPartly, fuse_folders, fuser_of

    if options.weights is None and options.row is None:
        raise UserError(f"expected a row of {options.run}: {_rows(options.run)}")
    if options.weights is not None and not options.weights.is_file():
        raise UserError(f"--weights {options.weights}: expected a checkpoint of the authors' release; there is none")
    source = options.run if options.weights is None else options.weights
    fuser = fuser_of(source, options.row, options.seed, options.storage, options.device)
    try:
        ranges = (options.ir_range, options.vi_range)
        done = fuse_folders(
            fuser, options.ir, options.vi, options.output, ranges, keys=OPTIONS, names=NAMES, told=print
        )
    except FusedPartly as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    print(f"fused {len(done)} pair{'s' if len(done) > 1 else ''} with {fuser.title}: {options.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("fuse", SUMMARY, EXAMPLES)
    parser.add_argument("run", nargs="?", type=Path, metavar="RUN", help="folder of an ablation")
    parser.add_argument("row", nargs="?", metavar="ROW", help="name of one of its rows")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="a checkpoint of the authors' release instead")
    parser.add_argument("--ir", required=True, metavar="DIR", help="infrared images")
    parser.add_argument("--vi", required=True, metavar="DIR", help="visible images")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="where the fused images go")
    add_range_options(parser, "as in the run's configuration if not given")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of the row's network (default: the run's first)")
    parser.add_argument("--storage", metavar="DIR", help="where the weights are, if not where the run says")
    parser.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default="auto", help="default: a GPU if there is one"
    )
    return parser


def _rows(run: Path) -> str:
    from assay.runs import Run

    return ", ".join(row.name for row in Run(run).record.rows)


if __name__ == "__main__":
    raise SystemExit(main())
