"""`python -m platform.evaluate`: measure fused images."""

from __future__ import annotations

import argparse
import csv
import io
import statistics
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.parser import command_parser
from assay.config.errors import UserError, unknown
from smfnet.cli.given_images import add_images, images_given, whole_number
from smfnet.cli.outputs import add_force, check_outputs, check_pictures, write_each

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from assay.evidence.tables.methods import MethodsTable
    from smfnet.methods.compare import Compared

__all__ = ["SUMMARY", "main"]

T = TypeVar("T")

SUMMARY = "measure fused images with the field's metrics"

EXAMPLES = """\
examples:
  python -m platform.evaluate --ir tno/ir --vi tno/vi --fused results/tno
  python -m platform.evaluate --ir tno/ir --vi tno/vi --fused results/tno --csv tno.csv
  python -m platform.evaluate --ir tno/ir --vi tno/vi --fused results/tno --metrics EN,SD,Nabf,MS_SSIM
  python -m platform.evaluate --ir raw/ir --vi raw/vi --fused results/raw --ir-range 7200:7965
  python -m platform.evaluate --pairs tno --fused PMGI=pmgi DIDFuse=did Mine=out --against Mine --latex table.tex
  python -m platform.evaluate --data tno roadscene --root DIR --fused PMGI=pmgi DIDFuse=did     as the paper's Table 1

Files belong together by their names without suffix; PNG, JPEG, BMP or TIFF, grey or colour, 8 or 16 bit. Colour is
measured as its luma, in whole grey levels. Every fused image needs its two sources; sources without one are left out,
and so are images that one of several methods lacks. The CSV file has a row per image: name, then every metric in full
precision; of several methods with columns before that say which.

--pairs: ir/ and vi/, infrared/ and visible/, Inf/ and Vis/, each with test/ above or below it if there are such parts,
or NAME_ir.* and NAME_vi.* in one folder. --data: a folder of each name in the root, and in the methods' folders.

Best and second best are marked where a difference is resolved; --against judges every method against one, paired over
the images. docs/evaluate.md says what the words mean.

metrics: EN, SD, SF, MI, SCD, VIF, Qabf, AG, SSIM, and AG_cddfuse and SSIM_255 in a second convention, unless --metrics
names others: CE, PSNR, MSE, CC, NMI, Nabf, MS_SSIM, EI, FMI_pixel, FMI_dct, FMI_wavelet, Qcb, Qcv, Qy. The table says
their conventions, docs/metrics.md their sources.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 0 if every image was measured."""
    options = _parser().parse_args(argv)
    _check_outputs(options)
    from smfnet.config.metrics.chosen import chosen_metrics
    from smfnet.methods.compare import compared
    from smfnet.methods.named import methods_from

    metrics = chosen_metrics(options.metrics)
    _check_against(options.against, [each.name for each in methods_from(options.fused)])
    scenes, every = images_given(options, print)
    read = (file for each in scenes for files in each.files.values() for file in files)
    check_pictures("--figure", options.figure, (path for each in read for path in (each.fused, each.ir, each.vi)))
    done = compared(scenes, metrics, _shown, options.workers)
    table = done.table(options.against)
    written, failed = write_each(_writers(options, done, table))

    def shown() -> None:
        if done.plain:
            _print_means(done)
        else:
            _print_table(table)
        for path, what in _outputs(options).values():
            if path in written:
                print(f"{what}: {path}")

    def result() -> Result:
        from smfnet.cli.documents.images import evaluated_of

        return evaluated_of(done, options.against)

    return Answer(shown, result, FAILED if failed or not every else 0, written, failed)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("evaluate", SUMMARY, EXAMPLES)
    add_images(parser)
    add = parser.add_argument
    add("--metrics", metavar="NAME,...", help="`all`, or some by name (default: the nine)")
    add("--against", metavar="NAME", help="judge every method against this one")
    add("--csv", type=Path, metavar="FILE", help="write a row per image")
    add("--markdown", type=Path, metavar="FILE", help="write the table")
    add("--latex", type=Path, metavar="FILE", help="write the table")
    add("--figure", type=Path, metavar="FILE", help="draw it: .png, .pdf or .svg")
    add_force(parser)
    add(
        "--workers",
        type=partial(whole_number, 1, 1024),
        metavar="N",
        help="processes (default: all cores, where that is worth while)",
    )
    return parser


def _outputs(options: argparse.Namespace) -> dict[str, tuple[Path, str]]:
    """Option -> file, and what it holds."""
    given = {"--csv": "a row per image", "--markdown": "table", "--latex": "table", "--figure": "figure"}
    paths = {option: getattr(options, option.removeprefix("--")) for option in given}
    return {option: (path, given[option]) for option, path in paths.items() if path is not None}


def _check_outputs(options: argparse.Namespace) -> None:
    check_outputs({option: path for option, (path, _) in _outputs(options).items()}, force=options.force)
    if options.figure and options.figure.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise UserError(f"--figure {options.figure}: expected a name that ends with .png, .pdf or .svg")


def _check_against(against: str | None, methods: list[str]) -> None:
    if against is None:
        return
    if methods == [""]:
        raise UserError(
            f"--against {against}: there is one method without a name; expected several, --fused NAME=DIR ..."
        )
    if against not in methods:
        raise unknown("method for --against", against, methods)
    if len(methods) == 1:
        raise UserError(f"--against {against}: it is the only method; expected others to judge")


def _shown(items: Iterable[T], total: int) -> Iterable[T]:
    from assay.console.progress import each

    return each(items, "measured", total)


def _writers(options: argparse.Namespace, done: Compared, table: MethodsTable) -> dict[Path, Callable[[], object]]:
    """File -> what writes it, of those that are asked for."""
    from assay.evidence.tables.methods import methods_latex, methods_markdown
    from assay.files import write_text

    def figure() -> None:
        from assay.evidence.figures.methods import write_methods_figure

        write_methods_figure(table, done.shared, options.figure)

    writers: Mapping[Path | None, Callable[[], object]] = {
        options.csv: lambda: write_text(options.csv, _csv(done)),
        options.markdown: lambda: write_text(options.markdown, methods_markdown(table)),
        options.latex: lambda: write_text(options.latex, methods_latex(table)),
        options.figure: figure,
    }
    return {path: write for path, write in writers.items() if path is not None}


def _csv(done: Compared) -> str:
    from assay.evidence.csv_text import csv_cell

    lines, about = done.lines()
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*about, *done.metrics])
    writer.writerows([*map(csv_cell, named), *map(repr, values)] for named, values in lines)
    return file.getvalue()


def _print_means(done: Compared) -> None:
    from rich.console import Console
    from rich.table import Table

    from assay.metric import better_words
    from smfnet.config.metrics import EVERY_METRIC

    (scenes,) = done.scenes
    images, unused = len(scenes.files[""]), scenes.unused
    count = f"{images} image{'s' if images > 1 else ''}"
    left_out = f"; {unused} pair{'s' if unused > 1 else ''} of sources without a fused image" if unused else ""
    table = Table(box=None, pad_edge=False, title=f"{count}{left_out}", title_justify="left", title_style="")
    table.add_column("metric")
    table.add_column("mean", justify="right")
    table.add_column("sd of images", justify="right")
    table.add_column("convention", style="dim")
    measured = [EVERY_METRIC[name] for name in done.metrics]
    for metric in measured:
        values = done.values.loc[done.values["metric"] == metric.name, "value"].tolist()
        spread = f"{statistics.stdev(values):.{metric.decimals}f}" if len(values) > 1 else ""
        unit = f" ({metric.unit})" if metric.unit else ""
        table.add_row(metric.name, f"{statistics.fmean(values):.{metric.decimals}f}", spread, metric.convention + unit)
    console = Console()
    console.width = console.width if console.is_terminal else 140
    words = better_words(measured)
    console.print(
        table, f"{words}{'' if ' in ' in words else ' in all of them'}; the convention names what papers differ in"
    )


def _print_table(table: MethodsTable) -> None:
    from rich.console import Console

    from assay.evidence.tables.methods import methods_terminal

    console = Console()
    console.width = console.width if console.is_terminal else 140
    console.print(methods_terminal(table, console.width))


if __name__ == "__main__":
    raise SystemExit(main())
