"""`python -m platform.tasks`: read fused images by a detector or a segmentation network."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from assay.cli.answer import Answer
from assay.cli.exit import exit_code
from assay.cli.parser import check_plan, command_parser, once_each
from assay.config.errors import UserError
from smfnet.cli.given_images import whole_number
from smfnet.cli.outputs import add_force, check_outputs
from smfnet.cli.readers import frozen, trained

__all__ = ["SUMMARY", "main"]

SUMMARY = "detect or segment in fused images of many methods"

EXAMPLES = """\
examples:
  python -m platform.tasks detect --data msrs --root DIR --detector fastestdet_coco.onnx
  python -m platform.tasks detect --data msrs --root DIR --fused U2Fusion=u2 Mine=out --detector FILE --markdown t2.md
  python -m platform.tasks detect --data m3fd --root DIR --run RUN --rows ours no_graph --detector FILE
  python -m platform.tasks detect --data msrs --root DIR --protocol retrained --fused Mine=out --output runs/table2
  python -m platform.tasks segment --data msrs --root DIR --output runs/table3
  python -m platform.tasks segment --data msrs --root DIR --protocol retrained --fused U2Fusion=u2 --plan
  python -m platform.tasks segment --data msrs --root DIR --protocol retrained --preset paper --seeds 5

The visible and the infrared image, their mean, maximum and blend are in every table, below them the paper's own.
`detect` gives AP at an overlap of one half: --protocol frozen reads all images by one detector that nobody trains here;
retrained trains RT-DETR for each method and seed. `segment` trains DeepLabv3+: frozen one for each seed, on visible
images, which reads every method's; retrained one for each method and seed. No network has pretrained weights. What is
trained is an ablation: the same command with --output goes on where it stopped, and further words are configuration,
key=value: train.epochs=40 detector.hidden=64 reader.width=32 storage=DIR.

Images of a method are called as those of the set, in DIR, DIR/test, DIR/msrs or DIR/msrs/test (retrained: and train).
What rows of --run fuse is kept in runs/fused, and --plan says how many images that would be.
docs/tasks.md says what is counted, what is left out, and how the paper's protocol is run on whole data sets.
"""

_BY_A_FROZEN_DETECTOR = ("detector", "against", "csv", "markdown", "latex", "force")
_OF_A_TRAINING = ("preset", "seeds", "output", "plan", "probe")


@exit_code
def main(argv: list[str] | None = None) -> Answer | int:
    """Run the command; with code 0 if everything that was asked for finished."""
    options = _parser().parse_intermixed_args(argv)
    _check(options)
    typed = sys.argv[1:] if argv is None else argv
    if options.task == "segment":
        return trained.segment(options, typed)
    return trained.detect(options, typed) if options.protocol == "retrained" else frozen.detect(options)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("tasks", SUMMARY, EXAMPLES)
    once_each(parser)
    add = parser.add_argument
    add("task", choices=("detect", "segment"))
    add("words", nargs="*", metavar="KEY=VALUE", help="of what is trained: configuration")
    add("--data", choices=("msrs", "m3fd"), help="the data set, always named; labels for segmentation: msrs alone")
    add("--root", type=Path, metavar="DIR", help="the folder that holds it, always named")
    add("--protocol", choices=("frozen", "retrained"), help="one reader for all methods, or one for each (frozen)")
    add("--fused", nargs="+", default=(), metavar="NAME=DIR", help="fused images of methods")
    add("--run", type=Path, metavar="RUN", help="and what the rows of a run fuse")
    add("--rows", nargs="+", default=(), metavar="ROW", help="with --run: which rows (default: its base)")
    add("--boxes", type=Path, metavar="PLACE", help="detect: a folder of YOLO's files, or a JSON file of COCO's")
    _add_of_a_frozen_detector(parser)
    _add_of_a_training(parser)
    return parser


def _add_of_a_frozen_detector(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("detect, frozen")
    add = group.add_argument
    add("--detector", type=Path, metavar="FILE", help="FastestDet as ONNX (default: ROOT/weights/fastestdet_coco.onnx)")
    add("--against", metavar="NAME", help="judge every method against this one (default: visible image)")
    add("--csv", type=Path, metavar="FILE", help="write every difference with its interval")
    add("--markdown", type=Path, metavar="FILE", help="write the table")
    add("--latex", type=Path, metavar="FILE", help="write the table")
    add_force(group)


def _add_of_a_training(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("segment; detect, retrained").add_argument
    add("--preset", choices=("quick", "paper"), help="minutes on two cores, or the paper's number of epochs (quick)")
    add("--seeds", type=partial(whole_number, 1, 1000), metavar="N", help="networks of each row (3)")
    add("--output", type=Path, metavar="DIR", help="folder of this run (default: under runs/)")
    add("--plan", action="store_true", default=None, help="show what would be trained and stop")
    add("--probe", action="store_true", default=None, help="with --plan: try a few steps where no time is known yet")


def _check(options: argparse.Namespace) -> None:
    missing = [f"--{name}" for name in ("data", "root") if getattr(options, name) is None]
    if missing:  # argparse would tell before it looks at the task
        raise UserError(f"{options.task}: expected --data and --root; there is no {' and no '.join(missing)}")
    is_frozen = options.task == "detect" and options.protocol != "retrained"
    words = f"detect --protocol {options.protocol or 'frozen'}" if options.task == "detect" else "segment"
    others = _OF_A_TRAINING if is_frozen else _BY_A_FROZEN_DETECTOR
    others = (*others, "boxes") if options.task == "segment" else others
    if given := [name for name in others if getattr(options, name) is not None]:
        raise UserError(f"--{given[0]} is not of {words}: --help says which options are")
    if is_frozen and options.words:
        raise UserError(f"{words} takes no configuration; got {options.words[0]}")
    if wrong := [word for word in options.words if "=" not in word]:
        raise UserError(f"expected configuration, key=value; got {wrong[0]}")
    if options.rows and options.run is None:
        raise UserError("--rows belongs to --run RUN")
    check_plan(options)
    check_outputs({f"--{name}": getattr(options, name) for name in ("csv", "markdown", "latex")}, force=options.force)


if __name__ == "__main__":
    raise SystemExit(main())
