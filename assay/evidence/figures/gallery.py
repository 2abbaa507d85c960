"""Gallery: what each row makes of a sample beside its sources, with a magnified part of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from assay.evidence.figures.drawing import WIDTH, NothingToDraw, drawing, label
from assay.evidence.figures.samples import Pixels, Shown, pictures_of
from assay.store.run.folder import RunFolder

__all__ = ["gallery", "telling_part"]

COLUMNS = 5
PART = 5  # the magnified part has a fifth of the image's width and height
INSET = 0.42  # of the panel
FRAME = "#D55E00"


@drawing
def gallery(run: RunFolder, name: str) -> Figure:
    """The sources, and the picture of every row that has one; rows in table order, the base first.

    The part that is magnified is the same in all: the one in which the rows differ and the scene has detail.

    Args:
        run: the folder.
        name: one of `picture_names(run)`.

    Raises:
        UserError: a picture cannot be read.
    """
    shown = pictures_of(run, name)
    if not shown:
        raise NothingToDraw(f"The run keeps no picture of {name}.")
    part = telling_part(shown)
    figure, axes = _panels(len(shown), next(each.pixels for each in shown if each.row))
    for ax, title, each in zip(axes, _titles(shown), shown, strict=True):
        _show(ax, each.pixels, part)
        ax.set_title(title, fontsize=8, pad=3)
    head = f"{run.record.sample.capitalize()} {label(name, 60)}{_seed(run)}"
    figure.suptitle(f"{head}: sources, and what each row makes of them", y=0.99, va="top")
    return figure


def _titles(shown: Sequence[Shown]) -> list[str]:
    """Titles for panels; a second of the same words has its row's name too."""
    titles: list[str] = []
    for each in shown:
        title = label(each.title, 28)
        titles.append(title if title not in titles else label(f"{each.title} ({each.row})", 28))
    return titles


def telling_part(shown: Sequence[Shown]) -> tuple[int, int, int, int]:
    """Left, top, width and height in pixels of the part in which the rows differ and the scene has detail.

    Args:
        shown: pictures of a sample, of one row at least.

    Raises:
        UserError: one cannot be read.
    """
    made, sources = ([each.pixels for each in shown if bool(each.row) == row] for row in (True, False))
    return _part(made, sources or made)


def _panels(number: int, picture: Pixels) -> tuple[Figure, list[Axes]]:
    """Panels of the picture's shape; titles of two lines fit between them."""
    columns = min(COLUMNS, number)
    lines, wide = -(-number // columns), WIDTH / COLUMNS
    high = 0.96 * wide * min(max(picture.shape[0] / picture.shape[1], 0.1), 4)  # a strip fills no page
    height = lines * (high + 0.4) + 0.28
    figure = Figure(figsize=(wide * columns, height))
    grid = figure.add_gridspec(
        lines,
        columns,
        left=0.005,
        right=0.995,
        bottom=0.02 / height,
        top=1 - 0.68 / height,
        wspace=0.04,
        hspace=0.4 / high,
    )
    return figure, [figure.add_subplot(grid[place // columns, place % columns]) for place in range(number)]


def _part(made: list[Pixels], scene: list[Pixels]) -> tuple[int, int, int, int]:
    """Left, top, width and height: variance between the made images times that within the scene, at its largest.

    Pictures of another size than the first are not looked at, nor is the edge, where padding shows.
    """
    height, width = made[0].shape[:2]
    h, w = max(height // PART, 1), max(width // PART, 1)
    between = _windows(_grey(made, (height, width)).var(axis=0), h, w)
    seen = _grey(scene, (height, width))
    within = sum((_windows(each**2, h, w) - _windows(each, h, w) ** 2 for each in seen), np.zeros_like(between))
    score = between * within
    edge_y, edge_x = min(height // 16, (height - h) // 2), min(width // 16, (width - w) // 2)
    inner = score[edge_y : height - h - edge_y + 1, edge_x : width - w - edge_x + 1]
    top, left = np.unravel_index(int(inner.argmax()), inner.shape)
    return int(left) + edge_x, int(top) + edge_y, w, h


def _grey(pictures: list[Pixels], shape: tuple[int, int]) -> NDArray[np.float64]:
    return np.array([picture.mean(axis=2) / 255 for picture in pictures if picture.shape[:2] == shape])


def _windows(image: NDArray[np.float64], h: int, w: int) -> NDArray[np.float64]:
    """Mean of every window of h x w pixels."""
    whole = np.pad(image.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    means: NDArray[np.float64] = (whole[h:, w:] - whole[:-h, w:] - whole[h:, :-w] + whole[:-h, :-w]) / (h * w)
    return means


def _show(ax: Axes, picture: Pixels, part: tuple[int, int, int, int]) -> None:
    left, top, width, height = part
    ax.imshow(picture, interpolation="none")
    ax.set_axis_off()
    ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=FRAME, linewidth=1))
    rows, columns = picture.shape[:2]
    wide, high = INSET * columns, INSET * rows
    x = 0.0 if left + width / 2 > columns / 2 else columns - wide  # never over the part itself
    y = rows - high if top + height / 2 < rows / 2 else 0.0
    extent = (x - 0.5, x - 0.5 + wide, y - 0.5 + high, y - 0.5)
    ax.imshow(picture[top : top + height, left : left + width], interpolation="nearest", extent=extent, zorder=2)
    ax.add_patch(Rectangle((x - 0.5, y - 0.5), wide, high, fill=False, edgecolor=FRAME, linewidth=1.2, zorder=3))
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))


def _seed(run: RunFolder) -> str:
    """The pictures are of the first seed."""
    seeds = [trial.seed for trial in run.record.trials if trial.seed >= 0]
    return f" (seed {min(seeds)})" if seeds else ""
