"""`python -m platform.evaluate`: measure fused images."""

from __future__ import annotations

import argparse
import csv
import io
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.cli.exit import exit_code
from assay.cli.output import check_file
from assay.cli.parser import command_parser
from smfnet.cli.source_ranges import OPTIONS, add_range_options

__all__ = ["SUMMARY", "main"]

SUMMARY = "measure fused images with the field's metrics"

EXAMPLES = """\
examples:
  python -m platform.evaluate --ir tno/ir --vi tno/vi --fused results/tno
  python -m platform.evaluate --ir tno/ir --vi tno/vi --fused results/tno --csv tno.csv
  python -m platform.evaluate --ir tno/ir --vi tno/vi --fused results/tno --metrics EN,SD,Nabf,MS_SSIM
  python -m platform.evaluate --ir raw/ir --vi raw/vi --fused results/raw --ir-range 7200:7965

Files belong together by their names without suffix; PNG, JPEG, BMP or TIFF, grey or colour, 8 or 16 bit. Colour is
measured as its luma, in whole grey levels. Every fused image needs its two sources; sources without one are left out.
The CSV file has a row per image: name, then every metric in full precision.

metrics: EN, SD, SF, MI, SCD, VIF, Qabf, AG, SSIM, and AG_cddfuse and SSIM_255 in a second convention, unless --metrics
names others: CE, PSNR, MSE, CC, NMI, Nabf, MS_SSIM, EI, FMI_pixel, FMI_dct, FMI_wavelet, Qcb, Qcv, Qy. The table says
their conventions, docs/metrics.md their sources.
"""

Row = tuple[str, Mapping[str, float]]


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 if every image was measured."""
    options = _parser().parse_args(argv)
    if options.csv:
        check_file(options.csv, "--csv")
    from smfnet.api import measure_folders
    from smfnet.config.metrics.chosen import chosen_metrics

    ranges = (options.ir_range, options.vi_range)
    rows, unused = measure_folders(
        options.fused,
        options.ir,
        options.vi,
        ranges,
        metrics=chosen_metrics(options.metrics),
        keys=OPTIONS,
        names=("--ir", "--vi"),
        told=print,
    )
    if options.csv:
        from assay.files import write_text

        write_text(options.csv, _csv(rows))
    _print_means(rows, unused)
    if options.csv:
        print(f"a row per image: {options.csv}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("evaluate", SUMMARY, EXAMPLES)
    parser.add_argument("--ir", type=Path, required=True, metavar="DIR", help="infrared images")
    parser.add_argument("--vi", type=Path, required=True, metavar="DIR", help="visible images")
    parser.add_argument("--fused", type=Path, required=True, metavar="DIR", help="fused images, all or some of them")
    parser.add_argument("--metrics", metavar="NAME,...", help="`all`, or some by name (default: the nine)")
    add_range_options(parser, "0..255 or, in files of 16 bits, 0..65535 if not given")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a row per image")
    return parser


def _csv(rows: Sequence[Row]) -> str:
    from assay.evidence.csv_text import csv_cell

    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["name", *rows[0][1]])
    writer.writerows([csv_cell(name), *map(repr, values.values())] for name, values in rows)
    return file.getvalue()


def _print_means(rows: Sequence[Row], unused: int) -> None:
    from rich.console import Console
    from rich.table import Table

    from assay.metric import better_words
    from smfnet.config.metrics import EVERY_METRIC

    count = f"{len(rows)} image{'s' if len(rows) > 1 else ''}"
    left_out = f"; {unused} pair{'s' if unused > 1 else ''} of sources without a fused image" if unused else ""
    table = Table(box=None, pad_edge=False, title=f"{count}{left_out}", title_justify="left", title_style="")
    table.add_column("metric")
    table.add_column("mean", justify="right")
    table.add_column("sd of images", justify="right")
    table.add_column("convention", style="dim")
    measured = [EVERY_METRIC[name] for name in rows[0][1]]
    for metric in measured:
        values = [row[metric.name] for _, row in rows]
        spread = f"{statistics.stdev(values):.{metric.decimals}f}" if len(values) > 1 else ""
        unit = f" ({metric.unit})" if metric.unit else ""
        table.add_row(metric.name, f"{statistics.fmean(values):.{metric.decimals}f}", spread, metric.convention + unit)
    console = Console()
    console.width = console.width if console.is_terminal else 140
    words = better_words(measured)
    console.print(
        table, f"{words}{'' if ' in ' in words else ' in all of them'}; the convention names what papers differ in"
    )


if __name__ == "__main__":
    raise SystemExit(main())
