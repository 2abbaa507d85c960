"""`python -m platform.fuse`: fuse your own infrared and visible images."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.output import check_folder
from assay.cli.parser import command_parser
from assay.config.errors import UserError, one_line
from smfnet.cli.outputs import check_outputs
from smfnet.cli.source_ranges import OPTIONS, add_range_options

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from smfnet.fusion.fuse import Fuser

__all__ = ["SUMMARY", "main"]

NAMES = ("--ir", "--vi")
SUMMARY = "fuse your own infrared and visible images"

EXAMPLES = """\
examples:
  python -m platform.fuse runs/NAME ours --ir my/ir --vi my/vi --output my/fused
  python -m platform.fuse runs/NAME no_graph --seed 2026 --ir my/ir --vi my/vi --output my/fused
  python -m platform.fuse runs/NAME max --ir my/ir --vi my/vi --output my/fused        a training-free row
  python -m platform.fuse runs/NAME ours --ir my/ir --vi my/vi --output my/fused --ir-range 7200:7965   raw counts
  python -m platform.fuse runs/NAME ours --ir large_ir.png --vi large_vi.jpg --output large.png --memory 4GiB
  python -m platform.fuse --weights SMFNet.pth --ir my/ir --vi my/vi --output my/fused  the authors' release
  python -m platform.fuse runs/NAME ours --save-weights ours.safetensors                for --weights, anywhere
  python -m platform.fuse runs/NAME ours --onnx ours.onnx                               for other programs

The two images of a pair have the same name without suffix and the same size; PNG, JPEG, BMP or TIFF, 8 or 16 bit. The
fused images are PNG files of that name with the colour of the visible ones, stretched as in the run's test step. The
weights come from the run's storage. An image that does not fit into the memory is fused tile by tile, with the same
result. A pair that cannot be fused is told and passed over; the exit code is 1 then, and 2 if nothing was fused.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 0 if every pair was fused, 1 if some were."""
    options = _parser().parse_intermixed_args(argv)
    _check(options)
    from smfnet.api import fuser_of
    from smfnet.fusion.tiles.bounded import limits_of

    limits = limits_of(options.memory, options.tile, ("--memory", "--tile"))
    if options.weights is None and options.row is None:
        raise UserError(f"expected a row of {options.run}: {_rows(options.run)}")
    source = options.run if options.weights is None else options.weights
    fuser = fuser_of(source, options.row, options.seed, options.storage, options.device)
    fuser = replace(fuser, limits=limits, memory_key="--memory")
    difference = None
    if options.save_weights:
        fuser.save(options.save_weights)
        print(f"weights of {fuser.title}: {options.save_weights}")
    if options.onnx:
        difference = _write_onnx(fuser, options.onnx)
    lost: list[str] = []
    done = _fuse(fuser, options, lost) if options.ir else []

    def result() -> Result:
        from smfnet.cli.documents import Fused

        images = list(map(str, done))
        return Fused(network=fuser.title, images=images, passed_over=lost, onnx_difference=difference)

    def shown() -> None:
        if done and not lost:
            print(f"fused {len(done)} pair{'s' if len(done) > 1 else ''} with {fuser.title}: {options.output}")

    written = [each for each in (options.save_weights, options.onnx) if each is not None]
    return Answer(shown, result, FAILED if lost else 0, [*written, *done])


def _check(options: argparse.Namespace) -> None:
    """Everything that is known to be wrong before a network is read."""
    if (options.weights is None) == (options.run is None):
        raise UserError("expected a run and a row (runs/NAME ours), or --weights FILE; --help shows examples")
    images = {"--ir": options.ir, "--vi": options.vi, "--output": options.output}
    missing = [name for name, value in images.items() if value is None]
    if len(missing) not in (0, 3) or (missing and not options.onnx and not options.save_weights):
        raise UserError(f"expected --ir, --vi and --output; there is no {' and no '.join(missing)}")
    if options.output is not None:
        check_folder(options.output.parent if _is_png(options) else options.output, "--output")
    files = {"--onnx": options.onnx, "--save-weights": options.save_weights}
    check_outputs(files)
    for option, file in files.items():
        if file is not None and file.exists() and not options.force:
            raise UserError(f"{option} {file} is there already: give --force to overwrite, or another name")
    _check_of_run(options)
    if options.weights is not None and not options.weights.is_file():
        raise UserError(
            f"--weights {options.weights}: expected a file that --save-weights wrote, or a checkpoint of the authors' "
            "release; there is none"
        )


def _check_of_run(options: argparse.Namespace) -> None:
    given = [f"--{name}" for name in ("seed", "storage") if getattr(options, name) is not None]
    if given and options.weights is not None:
        raise UserError(f"{' and '.join(given)}: of a run's row; --weights {options.weights} holds one network")


def _is_png(options: argparse.Namespace) -> bool:
    """Whether the output is the file of a single pair."""
    return options.output.suffix.lower() == ".png" and options.vi.is_file() and not options.output.is_dir()


def _fuse(fuser: Fuser, options: argparse.Namespace, lost: list[str]) -> Sequence[Path]:
    """Fuse, and tell of every pair that is passed over; those come into `lost`."""
    from smfnet.api import FusedPartly, fuse_folders

    def passed_over(line: str) -> None:
        lost.append(line)
        print(one_line(f"passed over: {line}"), file=sys.stderr)

    try:
        return fuse_folders(
            fuser,
            options.ir,
            options.vi,
            options.output,
            (options.ir_range, options.vi_range),
            force=options.force,
            keys=OPTIONS,
            names=NAMES,
            told=print,
            lost=passed_over,
        )
    except FusedPartly as error:
        print(f"error: {str(error).partition(';')[0]}: {options.output}", file=sys.stderr)
        return error.done


def _write_onnx(fuser: Fuser, file: Path) -> float:
    from smfnet.fusion.onnx_file import write_onnx

    difference = write_onnx(fuser, file)
    print(f"{fuser.title} as ONNX, within {difference:.1g} of PyTorch: {file}")
    return difference


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("fuse", SUMMARY, EXAMPLES)
    parser.add_argument("run", nargs="?", type=Path, metavar="RUN", help="folder of an ablation")
    parser.add_argument("row", nargs="?", metavar="ROW", help="name of one of its rows")
    text = "weights instead: a file of --save-weights, or a checkpoint of the authors' release"
    parser.add_argument("--weights", type=Path, metavar="FILE", help=text)
    parser.add_argument("--ir", type=Path, metavar="DIR", help="infrared images, or one of them")
    parser.add_argument("--vi", type=Path, metavar="DIR", help="visible images, or one of them")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the fused images go; FILE.png of one pair")
    parser.add_argument("--force", action="store_true", help="overwrite files that are there")
    add_range_options(parser, "as in the run's configuration if not given")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of the row's network (default: the run's first)")
    parser.add_argument("--storage", metavar="DIR", help="where the weights are, if not where the run says")
    parser.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default="auto", help="default: a GPU if there is one"
    )
    text = "how much may be taken in all, as 4GiB (default: most of what is free); of a GPU, if that is the device"
    parser.add_argument("--memory", metavar="SIZE", help=text)
    text = "side of the tiles that every image is cut into (default: none, where the whole image fits)"
    parser.add_argument("--tile", type=int, metavar="N", help=text)
    text = "write the network, its configuration and its test step to a file for --weights"
    parser.add_argument("--save-weights", type=Path, metavar="FILE", help=text)
    text = "write the network as ONNX, for any height and width, and check it against PyTorch"
    parser.add_argument("--onnx", type=Path, metavar="FILE", help=text)
    return parser


def _rows(run: Path) -> str:
    from assay.runs import Run

    return ", ".join(row.name for row in Run(run).record.rows)


if __name__ == "__main__":
    raise SystemExit(main())
