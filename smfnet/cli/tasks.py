"""`python -m platform.tasks`: read fused images by a detector or a segmentation network."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.parser import command_parser, once_each
from assay.config.errors import UserError
from smfnet.cli.given_images import whole_number
from smfnet.cli.outputs import add_force, check_outputs, write_each

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from assay.evidence.tables.methods import MethodsTable
    from assay.runs import Run
    from smfnet.tasks.printed import PaperTable

__all__ = ["SUMMARY", "main"]

SUMMARY = "detect or segment in fused images of many methods"

EXAMPLES = """\
examples:
  python -m platform.tasks detect --data msrs --root DIR --detector fastestdet_coco.onnx
  python -m platform.tasks detect --data msrs --root DIR --fused U2Fusion=u2 Mine=out --detector FILE --markdown t2.md
  python -m platform.tasks detect --data m3fd --root DIR --run RUN --rows ours no_graph --detector FILE
  python -m platform.tasks segment --data msrs --root DIR --output runs/table3
  python -m platform.tasks segment --data msrs --root DIR --protocol retrained --fused U2Fusion=u2 --plan
  python -m platform.tasks segment --data msrs --root DIR --protocol retrained --preset paper --seeds 5

The visible and the infrared image, their mean, maximum and blend are in every table, below them the paper's own.
`detect` reads all images by one detector that nobody trains here, AP at an overlap of one half. `segment` trains
DeepLabv3+ without pretrained weights: --protocol frozen trains one for each seed, on visible images, which reads every
method's; retrained trains one for each method and seed. It is an ablation: the same command with --output goes on
where it stopped, and further words are configuration, key=value: train.epochs=40 reader.width=32 storage=DIR.

Images of a method are called as those of the set, in DIR, DIR/test, DIR/msrs or DIR/msrs/test (segment, retrained: and
train). docs/tasks.md says what is counted, what is left out, and how the paper's protocol is run on whole data sets.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 0 if everything that was asked for finished."""
    options = _parser().parse_intermixed_args(argv)
    _check(options)
    return _detect(options) if options.task == "detect" else _segment(options, sys.argv[1:] if argv is None else argv)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("tasks", SUMMARY, EXAMPLES)
    once_each(parser)
    add = parser.add_argument
    add("task", choices=("detect", "segment"))
    add("words", nargs="*", metavar="KEY=VALUE", help="segment: configuration")
    add("--data", choices=("msrs", "m3fd"), help="the data set, always named; labels for segmentation: msrs alone")
    add("--root", type=Path, metavar="DIR", help="the folder that holds it, always named")
    add("--fused", nargs="+", default=(), metavar="NAME=DIR", help="fused images of methods")
    add("--run", type=Path, metavar="RUN", help="and what the rows of a run fuse")
    add("--rows", nargs="+", default=(), metavar="ROW", help="with --run: which rows (default: its base)")
    _add_of_detection(parser)
    _add_of_segmentation(parser)
    return parser


_OF_DETECTION = ("detector", "boxes", "against", "csv", "markdown", "latex", "force")
_OF_SEGMENTATION = ("protocol", "preset", "seeds", "output", "plan")


def _add_of_detection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("detect")
    add = group.add_argument
    add("--detector", type=Path, metavar="FILE", help="FastestDet as ONNX (default: ROOT/weights/fastestdet_coco.onnx)")
    add("--boxes", type=Path, metavar="PLACE", help="a folder of YOLO's files, or a JSON file of COCO's")
    add("--against", metavar="NAME", help="judge every method against this one (default: visible image)")
    add("--csv", type=Path, metavar="FILE", help="write every difference with its interval")
    add("--markdown", type=Path, metavar="FILE", help="write the table")
    add("--latex", type=Path, metavar="FILE", help="write the table")
    add_force(group)


def _add_of_segmentation(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("segment").add_argument
    add("--protocol", choices=("frozen", "retrained"), help="one network for all methods, or one for each (frozen)")
    add("--preset", choices=("quick", "paper"), help="minutes on two cores, or the paper's 300 epochs (quick)")
    add("--seeds", type=partial(whole_number, 1, 1000), metavar="N", help="networks of each row (3)")
    add("--output", type=Path, metavar="DIR", help="folder of this run (default: under runs/)")
    add("--plan", action="store_true", default=None, help="show what would be trained and stop")


def _check(options: argparse.Namespace) -> None:
    missing = [f"--{name}" for name in ("data", "root") if getattr(options, name) is None]
    if missing:  # argparse would tell before it looks at the task
        raise UserError(f"{options.task}: expected --data and --root; there is no {' and no '.join(missing)}")
    others = _OF_SEGMENTATION if options.task == "detect" else _OF_DETECTION
    given = [name for name in others if getattr(options, name) is not None]
    if given:
        raise UserError(f"--{given[0]} is not of {options.task}: --help says which options are")
    if options.task == "detect" and options.words:
        raise UserError(f"detect takes no configuration; got {options.words[0]}")
    if wrong := [word for word in options.words if "=" not in word]:
        raise UserError(f"expected configuration, key=value; got {wrong[0]}")
    if options.rows and options.run is None:
        raise UserError("--rows belongs to --run RUN")
    check_outputs({f"--{name}": getattr(options, name) for name in ("csv", "markdown", "latex")}, force=options.force)


def _detect(options: argparse.Namespace) -> Answer:
    from smfnet.methods.data_sets import title_of
    from smfnet.tasks.detection.detect import DIFFERS, check_against, compared
    from smfnet.tasks.detection.fastestdet import FastestDet
    from smfnet.tasks.detection.truth import truth_of
    from smfnet.tasks.given import images_given, known_scenes
    from smfnet.tasks.printed import paper_table

    known, scenes = known_scenes(options.data, options.root, "test")
    methods = images_given(known, options.fused, _run(options.run), options.rows, "test", "rgb")
    against = options.against or methods[0].title
    check_against(against, methods)
    detector = FastestDet(options.detector or options.root / "weights" / "fastestdet_coco.onnx")
    truth = truth_of(known, scenes, options.boxes)
    table = compared(title_of(known), methods, scenes, truth, detector, _shown).table(against)
    paper = paper_table("table2", DIFFERS)
    written, failed = write_each(_writers(options, table, paper))

    def result() -> Result:
        from smfnet.cli.documents import detected_of

        return detected_of(table)

    shown = partial(_print_detection, table, paper, written)
    return Answer(shown, result, FAILED if failed else 0, written, failed)


def _writers(options: argparse.Namespace, table: MethodsTable, paper: PaperTable) -> dict[Path, Callable[[], object]]:
    """File -> what writes it, of those that are asked for."""
    from assay.evidence.tables.methods import methods_latex, methods_markdown
    from smfnet.tasks.detection.detect import lines_of

    makers: Mapping[Path | None, Callable[[], str]] = {
        options.csv: lambda: lines_of(table).to_csv(index=False, lineterminator="\n"),
        options.markdown: lambda: f"{methods_markdown(table)}\n{paper.markdown()}",
        options.latex: lambda: methods_latex(table) + paper.latex(),
    }
    return {path: partial(_write, path, text) for path, text in makers.items() if path is not None}


def _write(path: Path, text: Callable[[], str]) -> None:
    from assay.files import write_text

    write_text(path, text())


def _print_detection(table: MethodsTable, paper: PaperTable, written: Sequence[Path]) -> None:
    from assay.evidence.tables.methods import methods_terminal

    console = _console()
    console.print(methods_terminal(table, console.width))
    console.print(paper.terminal())
    if written:
        print("written: " + ", ".join(map(str, written)))


def _segment(options: argparse.Namespace, argv: list[str]) -> Answer:
    import assay
    from assay.cli.plan import previewed
    from smfnet.tasks.asked import asked
    from smfnet.tasks.segmentation.config import PAPER
    from smfnet.tasks.segmentation.pictures import notes_on_labels
    from smfnet.tasks.segmentation.study import SegmentationStudy

    if options.data != "msrs":
        raise UserError(f"--data {options.data}: it has no labels of pixels; expected msrs, made of MFNet's images")
    protocol, preset, study = options.protocol or "frozen", options.preset or "quick", SegmentationStudy()
    given = (options.data, options.root, options.fused, _run(options.run), options.rows)
    found = asked(study.suite_of, protocol, *given)
    notes = notes_on_labels(study.schema.compose(study.schema.words(found.values)).images)
    for note in notes:
        print(note)
    told = {"note": " ".join((f"Preset {preset}, no pretrained weights.", *notes))}
    values = {**found.values, **(PAPER if preset == "paper" else {}), **told}
    planned = assay.plan(
        study,
        found.suite,
        seeds=options.seeds or 3,
        output=options.output,
        words=[*study.schema.words(values), *options.words],
        command=("python", "-m", "platform.tasks", *argv),
    )
    return previewed(planned, probe=False) if options.plan else _trained(planned.run())


def _trained(run: Run) -> Answer:
    """The answer once all networks have read; the paper's table lies beside the run's."""
    from assay.files import write_text, wrote
    from smfnet.tasks.printed import paper_table
    from smfnet.tasks.segmentation.config import DIFFERS

    paper = paper_table("table3", DIFFERS)
    write_text(place := Path(run.folder) / "paper.md", paper.markdown())
    wrote(place)
    written = [*run.tables, place]

    def shown() -> None:
        console = _console()
        run.print_to(console)
        console.print(paper.terminal())
        print("written: " + ", ".join(map(str, written)))

    def result() -> Result:
        from assay.documents.ablation import ablation_of

        return ablation_of(run)

    return Answer(shown, result, FAILED if run.unfinished else 0, written=written, told=run.unfinished)


def _run(folder: Path | None) -> Run | None:
    """A run of this study, with what makes its networks."""
    if folder is None:
        return None
    import assay
    from smfnet.study import study

    return assay.load_run(folder, study=study())  # type: ignore[return-value]


def _shown(items: Iterable[Any], total: int) -> Iterable[Any]:
    from assay.console.progress import each

    return each(items, "read", total)


def _console() -> Any:
    from rich.console import Console

    console = Console()
    console.width = console.width if console.is_terminal else 140
    return console


if __name__ == "__main__":
    raise SystemExit(main())
