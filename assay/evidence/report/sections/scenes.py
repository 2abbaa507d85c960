"""What every row makes of a sample, as pictures that a reader moves and lays over each other."""

from __future__ import annotations

from assay.evidence.figures.gallery import telling_part
from assay.evidence.figures.samples import Shown, picture_names, pictures_of
from assay.evidence.report.blocks import Photograph, Scene
from assay.store.run.folder import RunFolder

__all__ = ["scenes"]

LONGEST = 480  # pixels of a picture's longer side
PIXELS = 6_000_000  # of all pictures of a page, where each is a square: less than 1 MB as WebP


def scenes(run: RunFolder) -> dict[str, Scene]:
    """Name of a sample -> what is there to be looked at; those of which there is one picture alone are left out.

    Raises:
        UserError: a picture cannot be read.
    """
    every = {name: pictures_of(run, name) for name in picture_names(run)}
    number = max(sum(map(len, every.values())), 1)
    longest = min(LONGEST, int((PIXELS / number) ** 0.5))
    noun = run.record.sample.capitalize()
    return {name: _scene(f"{noun} {name}", shown, longest) for name, shown in every.items() if len(shown) > 1}


def _scene(title: str, shown: list[Shown], longest: int) -> Scene:
    left, top, width, height = telling_part(shown)
    high, wide = next(each.pixels.shape[:2] for each in shown if each.row)
    rows = [place for place, each in enumerate(shown) if each.row]
    photographs = tuple(Photograph(each.title, each.png, not each.row) for each in shown)
    laid = rows[0], rows[1] if len(rows) > 1 else 0
    return Scene(title, photographs, laid, ((left + width / 2) / wide, (top + height / 2) / high), longest)
