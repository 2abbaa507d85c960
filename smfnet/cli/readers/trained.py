"""Networks that are trained on fused images, or for them, as an ablation whose rows are methods."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.cli.answer import Answer, answer_now
from assay.cli.exit import FAILED
from assay.cli.plan import previewed
from assay.config.errors import UserError
from assay.config.section import paths_of
from smfnet.cli.readers.given import console, run_in

if TYPE_CHECKING:
    from assay.config.compose import Schema
    from assay.documents.envelope import Result
    from assay.runs import Run
    from smfnet.tasks.detection.study import DetectionStudy
    from smfnet.tasks.segmentation.study import SegmentationStudy

__all__ = ["detect", "segment"]


_ROWS = "the rows are asked for by --protocol, --fused and --run"
_NO_WORDS = {
    "images.data": "give --data",
    "images.root": "give --root DIR",
    "images.folders": "give --fused NAME=DIR",
    "images.boxes": "give --boxes PLACE",
    "images.trained_on": _ROWS,
    "images.read": _ROWS,
    "note": "what is left out stands in it",
}
"""What configuration cannot change, as rows would be other images than their names say -> what to do instead."""


@dataclass(frozen=True)
class _Reader:
    """A task whose networks are trained.

    Attributes:
        study: of the task.
        paper: what its preset `paper` sets.
        notes: from the section of images to what is left out.
        table: name of the printed table.
        differs: what is not as in that, a sentence each.
    """

    study: DetectionStudy | SegmentationStudy
    paper: Mapping[str, object]
    notes: Callable[[Any], Sequence[str]]
    table: str
    differs: tuple[str, ...]


def detect(options: argparse.Namespace, argv: Sequence[str]) -> Answer | int:
    """Train detectors."""
    from smfnet.tasks.detection.config import DIFFERS, PAPER
    from smfnet.tasks.detection.pictures import notes_on_boxes
    from smfnet.tasks.detection.study import DetectionStudy

    boxes = {"images.boxes": None if options.boxes is None else str(options.boxes.resolve())}
    return _trained(options, argv, _Reader(DetectionStudy(), PAPER, notes_on_boxes, "table2", DIFFERS), boxes)


def segment(options: argparse.Namespace, argv: Sequence[str]) -> Answer | int:
    """Train networks that name the class of every pixel."""
    from smfnet.tasks.segmentation.config import DIFFERS, PAPER
    from smfnet.tasks.segmentation.pictures import notes_on_labels
    from smfnet.tasks.segmentation.study import SegmentationStudy

    if options.data != "msrs":
        raise UserError(f"--data {options.data}: it has no labels of pixels; expected msrs, made of MFNet's images")
    return _trained(options, argv, _Reader(SegmentationStudy(), PAPER, notes_on_labels, "table3", DIFFERS), {})


def _trained(
    options: argparse.Namespace, argv: Sequence[str], reader: _Reader, more: Mapping[str, object]
) -> Answer | int:
    import assay
    from smfnet.tasks.asked import asked

    study, protocol = reader.study, options.protocol or "frozen"
    given = (options.data, options.root, options.fused, run_in(options.run), options.rows)
    with asked(study.suite_of, protocol, *given, plan=bool(options.plan)) as found:
        planned = assay.plan(
            study,
            found.suite,
            seeds=options.seeds or 3,
            output=options.output,
            words=_words(options, reader, {**found.values, **more}, found.told),
            command=("python", "-m", "platform.tasks", *argv),
        )
        if options.plan:
            answer_now(previewed(planned, probe=bool(options.probe)))  # while what stands for images is there
            return 0
    return _read(planned.run(), reader, options.data)


def _words(
    options: argparse.Namespace, reader: _Reader, values: Mapping[str, object], told: Sequence[str]
) -> list[str]:
    """The whole configuration; prints what is left out."""
    schema, preset = reader.study.schema, options.preset or "quick"
    notes = reader.notes(schema.compose(schema.words(values)).images)
    for line in (*notes, *told):
        print(line)
    note = {"note": " ".join((f"Preset {preset}, no pretrained weights.", *notes))}
    paper = reader.paper if preset == "paper" else {}
    return _with_words(schema, schema.words({**values, **paper, **note}), options.words)


def _with_words(schema: Schema[Any], own: Sequence[str], words: Sequence[str]) -> list[str]:
    """The configuration of a command with what was typed behind it.

    Raises:
        UserError: that would change what rows are.
    """
    typed = [word for word in words if not word.startswith("base=")]  # such a file stands before what is our own
    before, behind = (paths_of(schema.compose(each)) for each in (own, [*own, *typed]))
    for path, instead in _NO_WORDS.items():
        if path in before and before[path] != behind[path]:
            raise UserError(f"{path}={behind[path]}: no word may change what rows are; {instead}")
    return [*own, *words]


def _read(run: Run, reader: _Reader, data: str) -> Answer:
    """The answer once all networks have read; the paper's table lies beside the run's."""
    from assay.files import write_text, wrote
    from smfnet.tasks.printed import paper_table

    paper = paper_table(reader.table, data, reader.differs)
    write_text(place := Path(run.folder) / "paper.md", paper.markdown())
    wrote(place)
    written = [*run.tables, place]

    def shown() -> None:
        run.print_to(terminal := console())
        terminal.print(paper.terminal(terminal.width))
        print("written: " + ", ".join(map(str, written)))

    def result() -> Result:
        from assay.documents.ablation import ablation_of

        return ablation_of(run)

    return Answer(shown, result, FAILED if run.unfinished else 0, written=written, told=run.unfinished)
