"""`python -m platform.fuse`: fuse your own infrared and visible images."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.output import check_folder
from assay.cli.parser import command_parser
from assay.config.errors import UserError, one_line
from smfnet.cli.outputs import check_outputs, write_each
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
result. A pair that cannot be fused is told and passed over; the exit code is 1 then, and 2 if nothing was fused. The
same command again goes on where it was stopped: images that it made before are kept.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 0 if every pair was fused, 1 if some were."""
    options = _parser().parse_intermixed_args(argv)
    _check(options)
    from assay.files import write_bytes
    from smfnet.api import fuser_of
    from smfnet.fusion.tiles.bounded import limits_of

    limits = limits_of(options.memory, options.tile, ("--memory", "--tile"))
    if options.weights is None and options.row is None:
        raise UserError(f"expected a row of {options.run}: {_rows(options.run)}")
    source = options.run if options.weights is None else options.weights
    fuser = fuser_of(source, options.row, options.seed, options.storage, options.device)
    fuser = replace(fuser, limits=limits, memory_key="--memory")
    weights = fuser.packed() if options.save_weights else b""
    onnx, difference = _onnx(fuser) if options.onnx else (b"", None)
    images = _fuse(fuser, options) if options.ir else _Images()
    files = {file: data for file, data in ((options.save_weights, weights), (options.onnx, onnx)) if file}
    writers = {file: partial(write_bytes, file, data) for file, data in files.items()}
    written, failed = write_each(writers, alone=not images.done)  # last: after a stop they would be in the way

    def result() -> Result:
        from smfnet.cli.documents.images import Fused

        done, kept = (list(map(str, paths)) for paths in (images.done, images.kept))
        lost = images.passed_over
        return Fused(network=fuser.title, images=done, kept=kept, passed_over=lost, onnx_difference=difference)

    def shown() -> None:
        if weights and options.save_weights in written:
            print(f"weights of {fuser.title}: {options.save_weights}")
        if onnx and options.onnx in written:
            print(f"{fuser.title} as ONNX, within {difference:.1g} of PyTorch: {options.onnx}")
        if images.done and not images.failed:
            print(f"{_counted(images)} with {fuser.title}: {options.output}")

    new = [path for path in images.done if path not in images.kept]
    told = [*images.failed, *failed]
    return Answer(shown, result, FAILED if told else 0, [*written, *new], told)


@dataclass
class _Images:
    """What has become of the pairs.

    Attributes:
        done: the fused images that are there.
        kept: those of them that were there before.
        passed_over: a line about every pair that could not be fused.
        failed: a line that says how many are fused, if not all are.
    """

    done: Sequence[Path] = ()
    kept: list[Path] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def _counted(images: _Images) -> str:
    """`fused 2 pairs, 1 was fused already,`."""
    kept = len(images.kept)
    new = len(images.done) - kept
    counted = f"fused {new} pair{'' if new == 1 else 's'}"
    return f"{counted}, {kept} {'was' if kept == 1 else 'were'} fused already," if kept else counted


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
    check_outputs(files, force=options.force)
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


def _fuse(fuser: Fuser, options: argparse.Namespace) -> _Images:
    """Fuse, and tell of every pair that is passed over."""
    from smfnet.api import FusedPartly, fuse_folders

    images = _Images()

    def passed_over(line: str) -> None:
        images.passed_over.append(line)
        print(one_line(f"passed over: {line}"), file=sys.stderr)

    try:
        images.done = fuse_folders(
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
            kept=images.kept.append,
        )
    except FusedPartly as error:
        images.done = error.done
        images.failed.append(f"error: {error.short}: {options.output}")
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(f"{stop or 'nothing is fused yet'}; the same command goes on") from stop
    return images


def _onnx(fuser: Fuser) -> tuple[bytes, float]:
    from smfnet.fusion.onnx_file import onnx_of_fuser

    return onnx_of_fuser(fuser)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("fuse", SUMMARY, EXAMPLES)
    parser.add_argument("run", nargs="?", type=Path, metavar="RUN", help="folder of an ablation")
    parser.add_argument("row", nargs="?", metavar="ROW", help="name of one of its rows")
    text = "weights instead: a file of --save-weights, or a checkpoint of the authors' release"
    parser.add_argument("--weights", type=Path, metavar="FILE", help=text)
    parser.add_argument("--ir", type=Path, metavar="DIR", help="infrared images, or one of them")
    parser.add_argument("--vi", type=Path, metavar="DIR", help="visible images, or one of them")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the fused images go; FILE.png of one pair")
    parser.add_argument("--force", action="store_true", help="overwrite files that are there and something else")
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
