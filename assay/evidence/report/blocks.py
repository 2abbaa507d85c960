"""What a report is made of: sections of sentences, tables, pictures and listings, as plain data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

__all__ = [
    "Block",
    "Cell",
    "Grid",
    "Listing",
    "Photograph",
    "Picture",
    "Scene",
    "Section",
    "Sentences",
    "cell_of",
    "grid_of",
]


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: what it says.
        below: a second, smaller line.
        kind: how it looks: `number`, `best`, `second`, `better`, `worse`, `equivalent`, `unresolved`, `bad`, `good`,
            `muted`; several with spaces between them.
        hint: shown when the pointer rests on it.
    """

    text: str
    below: str = ""
    kind: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Grid:
    """A table: column names, and lines whose first cell names them."""

    columns: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    form: str = field(default="grid", init=False)

    def without(self, column: str) -> Grid:
        """The table without a column, which says nothing."""
        keep = [place for place, name in enumerate(self.columns) if name != column]
        lines = tuple(tuple(line[place] for place in keep) for line in self.lines)
        return Grid(tuple(self.columns[place] for place in keep), lines, self.caption)

    @property
    def headings(self) -> tuple[Cell, ...]:
        """Column names, above numbers where numbers are."""
        numbers = [any("number" in line[place].kind for line in self.lines) for place in range(len(self.columns))]
        return tuple(Cell(name, kind="number" * right) for name, right in zip(self.columns, numbers, strict=True))


@dataclass(frozen=True)
class Picture:
    """A figure.

    Attributes:
        name: of its files under `figures/`.
        title: what it shows, for those who do not see it.
        png: the picture.
    """

    name: str
    title: str
    png: bytes
    form: str = field(default="picture", init=False)


@dataclass(frozen=True)
class Photograph:
    """One picture of a scene.

    Attributes:
        title: of the row that made it, or the kind of a source.
        png: the picture.
        source: whether it is a source's.
    """

    title: str
    png: bytes
    source: bool = False


@dataclass(frozen=True)
class Scene:
    """Pictures that show one scene, which move and grow together; any two can be laid over each other.

    Attributes:
        title: of the scene.
        photographs: two at least.
        laid: places of the two that are laid over each other first.
        part: centre of the part that tells them apart, across and down, in 0..1.
        longest: pixels of a picture's longer side in the page.
    """

    title: str
    photographs: tuple[Photograph, ...]
    laid: tuple[int, int]
    part: tuple[float, float]
    longest: int
    form: str = field(default="scene", init=False)


@dataclass(frozen=True)
class Sentences:
    """Notes.

    Attributes:
        texts: one sentence each.
        kind: `note`, `alarm` (stands out), or `missing` (stands in place of what a run does not have).
    """

    texts: tuple[str, ...]
    kind: str = "note"
    form: str = field(default="sentences", init=False)


@dataclass(frozen=True)
class Listing:
    """A text in which every character counts, such as a command."""

    text: str
    form: str = field(default="listing", init=False)


Block = Grid | Picture | Scene | Sentences | Listing


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes:
        anchor: its name in the address.
        title: its heading.
        blocks: what it holds.
    """

    anchor: str
    title: str
    blocks: tuple[Block, ...]


def grid_of(data: pd.DataFrame, names: Mapping[str, str] | None = None, caption: str = "") -> Grid:
    """A table of the columns in `names` (column -> heading), or of all, with numbers in short."""
    names = names or {str(column): str(column) for column in data.columns}
    lines = [tuple(cell_of(value) for value in line) for line in data[list(names)].itertuples(index=False)]
    return Grid(tuple(names.values()), tuple(lines), caption)


def cell_of(value: Any) -> Cell:
    """A value in a cell; what is unknown is a dash."""
    if isinstance(value, Mapping):
        return Cell(", ".join(f"{key}: {cell_of(each).text}" for key, each in value.items()) or "–")
    if isinstance(value, list | tuple | set | frozenset):
        return Cell(", ".join(cell_of(each).text for each in _in_order(value)) or "–")
    if value is None or value is pd.NA:
        return Cell("–", kind="muted")
    if isinstance(value, float) and math.isnan(value):
        return Cell("–", kind="number muted")
    if isinstance(value, bool) or type(value).__name__ == "bool":  # NumPy's too
        return Cell("yes" if value else "no")
    if isinstance(value, float) or type(value).__name__.startswith("float"):
        return Cell(_short(float(value)), kind="number")
    return Cell(str(value), kind="number" if isinstance(value, int) else "")


def _in_order(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=str) if isinstance(values, set | frozenset) else list(values)


def _short(value: float) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "\N{MINUS SIGN}∞"
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
