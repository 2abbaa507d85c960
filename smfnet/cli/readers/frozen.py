"""A detector that nobody trains here reads the images of every method."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.cli.answer import Answer
from assay.cli.exit import FAILED
from smfnet.cli.outputs import check_apart, write_each
from smfnet.cli.readers.given import console, run_in

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from assay.evidence.tables.methods import MethodsTable
    from smfnet.tasks.printed import PaperTable

__all__ = ["detect"]


def detect(options: argparse.Namespace) -> Answer:
    """A table of what it finds in each method's images."""
    from smfnet.methods.data_sets import title_of
    from smfnet.tasks.detection.detect import DIFFERS, check_against, compared
    from smfnet.tasks.detection.fastestdet import FastestDet
    from smfnet.tasks.detection.truth import label_files, truth_of
    from smfnet.tasks.given import images_given, known_scenes, notes_on_pairs
    from smfnet.tasks.printed import paper_table

    known, scenes = known_scenes(options.data, options.root, "test")
    weights = options.detector or options.root / "weights" / "fastestdet_coco.onnx"
    outputs = {f"--{name}": getattr(options, name) for name in ("csv", "markdown", "latex")}
    check_apart(outputs, [weights, *label_files(known, scenes, options.boxes)])
    methods = images_given(known, options.fused, run_in(options.run), options.rows, "test", "rgb")
    against = options.against or methods[0].title
    check_against(against, methods)
    detector = FastestDet(weights)
    truth = truth_of(known, scenes, "test", options.boxes)
    truth = replace(truth, notes=(*notes_on_pairs(options.data, options.root, "test"), *truth.notes))
    table = compared(title_of(known), methods, scenes, truth, detector, _shown).table(against)
    paper = paper_table("table2", options.data, DIFFERS)
    written, failed = write_each(_writers(options, table, paper))

    def result() -> Result:
        from smfnet.cli.documents.images import detected_of

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

    terminal = console()
    terminal.print(methods_terminal(table, terminal.width))
    terminal.print(paper.terminal(terminal.width))
    if written:
        print("written: " + ", ".join(map(str, written)))


def _shown(items: Iterable[Any], total: int) -> Iterable[Any]:
    from assay.console.progress import each

    return each(items, "read", total)
