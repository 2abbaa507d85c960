"""`python -m platform.gallery`: one page with every method's image of every scene."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from assay.cli.answer import Answer
from assay.cli.exit import FAILED, exit_code
from assay.cli.parser import command_parser
from assay.config.errors import UserError, unknown
from smfnet.cli.given_images import add_images, images_given, whole_number
from smfnet.cli.outputs import add_force, check_outputs, write_each

if TYPE_CHECKING:
    from assay.documents.envelope import Result

__all__ = ["SUMMARY", "main"]

T = TypeVar("T")

SUMMARY = "look at fused images of many methods beside their sources"

EXAMPLES = """\
examples:
  python -m platform.gallery --pairs tno --fused PMGI=pmgi DIDFuse=did Mine=out --output tno.html
  python -m platform.gallery --ir ir --vi vi --fused out --output out.html --sort Qabf
  python -m platform.gallery --data tno roadscene --root DIR --fused PMGI=pmgi Mine=out --output both.html

One HTML file that needs nothing else, for any browser. Each scene shows the source pair and every method's image; zoom
and place are those of all of them, a slider lays any two over each other, and scenes are sorted by any metric, worst
first. Pictures are small copies. Where scenes are more than --limit allows, the worst ones are kept, and the
page says which were left out. Folders and layouts are those of `evaluate`.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 0 if the page was written and shows every image."""
    options = _parser().parse_args(argv)
    check_outputs({"--output": options.output}, force=options.force)
    if options.output.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--output {options.output}: expected a name that ends with .html")
    from assay.files import write_text
    from smfnet.config.metrics.chosen import chosen_metrics
    from smfnet.gallery.page import gallery_page
    from smfnet.gallery.scenes import gallery_of
    from smfnet.methods.compare import compared

    metrics = chosen_metrics(options.metrics)
    sort = _sorted_by(options.sort, metrics)
    scenes, every = images_given(options, print)
    done = compared(scenes, metrics, partial(_shown, "measured"), options.workers)
    gallery = gallery_of(done, sort, options.width, options.limit * 1_000_000, partial(_shown, "drawn"))
    about = _about(gallery.left_out, done.notes, options)
    page = gallery_page(gallery, options.output.stem, " ".join(about))
    written, failed = write_each({options.output: lambda: write_text(options.output, page)})

    def shown() -> None:
        for line in about[1:]:
            print(line)
        counted = f"{len(gallery.scenes)} scene{'s' if len(gallery.scenes) > 1 else ''}"
        for path in written:
            print(f"{counted}, {path.stat().st_size / 1e6:.1f} MB: {path}")
        if failed:
            print(f"worst first: {', '.join(scene.title for scene in gallery.scenes)}")

    def result() -> Result:
        from smfnet.cli.documents.images import GalleryPage

        scenes, file = [scene.title for scene in gallery.scenes], str(options.output) if written else None
        return GalleryPage(page=file, scenes=scenes, left_out=list(gallery.left_out), notes=about[1:])

    return Answer(shown, result, 0 if every and written else FAILED, written, failed)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("gallery", SUMMARY, EXAMPLES)
    add_images(parser)
    add = parser.add_argument
    add("--output", type=Path, required=True, metavar="FILE.html", help="the page")
    add_force(parser)
    add("--metrics", metavar="NAME,...", help="`all`, or some by name (default: the nine)")
    add("--sort", metavar="NAME", help="the metric that scenes are sorted by at first (default: the first)")
    add(
        "--width",
        type=partial(whole_number, 64, 4096),
        default=640,
        metavar="PX",
        help="longest side of a picture (640)",
    )
    add(
        "--limit",
        type=partial(whole_number, 1, 1000),
        default=20,
        metavar="MB",
        help="most that all pictures may take (20)",
    )
    add(
        "--workers",
        type=partial(whole_number, 1, 1024),
        metavar="N",
        help="processes that measure (default: all cores)",
    )
    return parser


def _sorted_by(asked: str | None, metrics: tuple[str, ...]) -> str:
    if asked is None:
        return metrics[0]
    found = [name for name in metrics if name.lower() == asked.lower()]
    if not found:
        raise unknown("metric for --sort", asked, metrics)
    return found[0]


def _shown(what: str, items: Iterable[T], total: int) -> Iterable[T]:
    from assay.console.progress import each

    return each(items, what, total)


def _about(left_out: tuple[str, ...], notes: tuple[str, ...], options: argparse.Namespace) -> list[str]:
    """Sentences for the page's end, the first of which everybody knows who gave the command."""
    copies = f"Pictures are JPEG copies, at most {options.width} pixels wide or high"
    told = [f"{copies}, for looking; the files themselves were measured."]
    if left_out:
        some = ", ".join(left_out[:5]) + (", ..." if len(left_out) > 5 else "")
        count = f"{len(left_out)} scene{'s' if len(left_out) > 1 else ''}"
        told.append(f"Left out, as all pictures would take more than {options.limit} MB (--limit): {count} ({some}).")
    return [*told, *notes]


if __name__ == "__main__":
    raise SystemExit(main())
