"""`python -m platform.fuse`: fuse your own infrared and visible images."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.exit import FAILED, exit_code
from assay.cli.output import check_folder
from assay.cli.parser import command_parser
from assay.config.errors import UserError
from smfnet.cli.source_ranges import OPTIONS, add_range_options, with_ranges

if TYPE_CHECKING:
    import torch

    from smfnet.fusion.fuse import Fuser

__all__ = ["SUMMARY", "main"]

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
    from assay.console.progress import each
    from smfnet.data.folder import pairs_in
    from smfnet.data.sources import check_sources, check_two_folders
    from smfnet.fusion.fuse import fuse_files

    check_two_folders(Path(options.ir), Path(options.vi), ("--ir", "--vi"))
    pairs = pairs_in(Path(), options.ir, options.vi)
    fuser = _fuser(options)
    pairs = with_ranges(pairs, options, fuser.ranges)
    check_sources(pairs, OPTIONS)
    fused = 0
    try:
        for _ in each(fuse_files(fuser, pairs, options.output), "fused", len(pairs)):
            fused += 1
    except UserError as error:
        if not fused:
            raise
        print(f"error: {error}; {fused} of {len(pairs)} pairs were fused before", file=sys.stderr)
        return FAILED
    print(f"fused {fused} pair{'s' if fused > 1 else ''} with {fuser.title}: {options.output}")
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


def _fuser(options: argparse.Namespace) -> Fuser:
    from assay.store.run import RunFolder
    from smfnet.fusion.fuse import released_fuser, row_fuser

    device = _device(options.device)
    if options.weights is not None:
        return released_fuser(options.weights, device)
    if options.row is None:
        names = ", ".join(row.name for row in RunFolder(options.run).record.rows)
        raise UserError(f"expected a row of {options.run}: {names}")
    return row_fuser(RunFolder(options.run), options.row, options.seed, device, options.storage)


def _device(name: str) -> torch.device:
    import torch

    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise UserError("--device cuda: torch finds no GPU here; expected cpu or auto")
    return torch.device("cuda" if available and name != "cpu" else "cpu")


if __name__ == "__main__":
    raise SystemExit(main())
