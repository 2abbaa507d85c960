"""A table of what goes on, in lines of one width: what does not fit is said shorter, and no line is ever broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from assay.console.amounts import places
from assay.stage import Progress

__all__ = ["RowLine", "cut", "marks", "row_lines"]

_MARKS = {"finished": ("●", "green"), "running": ("◐", "yellow"), "failed": ("✗", "red"), "pending": ("○", "dim")}
_MOST_MARKS, _MARKS_SHARE = 20, 0.25  # of the line, that marks may take; else they are counted
_LEAST_TEXT, _TEXT_SHARE = 12, 0.4  # of the column that is cut where there is too little room
_LEAST_NOW = 4
_FIRST_NUMBER = 3  # of the columns, that holds numbers
_WIDE = 72  # columns of a terminal, from which on two spaces stand between those of the table


@dataclass(frozen=True)
class RowLine:
    """What is shown of a row.

    Attributes:
        name: of the row.
        about: of it.
        now: where one of it that runs is, if one does.
        value: a number of that one.
        left: its time.
        reason: what is said instead of these three, where none runs.
    """

    name: Text
    about: Text
    now: Progress | None = None
    value: str = ""
    left: str = ""
    reason: str = ""


def marks(states: Iterable[str], counts: Mapping[str, int], width: int) -> Text:
    """A mark for every trial, or how many there are of each where there are many for a line of this width."""
    if sum(counts.values()) <= min(_MOST_MARKS, int(_MARKS_SHARE * width)):
        return Text.assemble(*(_MARKS[state] for state in states))
    counted = ((f"{counts[state]}{mark}", style) for state, (mark, style) in _MARKS.items() if counts.get(state))
    return Text(" ").join(Text(*part) for part in counted)


def row_lines(head: Sequence[str], rows: Sequence[RowLine], width: int, elastic: int = 0) -> Iterator[Text]:
    """The head, and a line for each row, none of which is wider than the terminal.

    Args:
        head: names of the five columns.
        rows: what stands below.
        width: of the terminal.
        elastic: which of the first two columns is cut where there is too little room.
    """
    columns, gap = _columns(head, rows, width, elastic), " " * _gap(width)
    titles = _line(head, columns, gap)
    titles.stylize("bold")
    yield titles
    for row in rows:
        about = (row.name, row.about)
        if row.now:
            yield _line((*about, _place(row.now, columns[2]), row.value, row.left), columns, gap)
        else:
            yield cut(Text.assemble(_line(about, columns, gap), gap, row.reason), width)


def cut(text: Text, width: int) -> Text:
    """A text in one line of at most so many columns; an ellipsis stands for its end."""
    short = text.copy()
    short.truncate(max(width, 0), overflow="ellipsis")
    short.no_wrap = True
    return short


def _place(now: Progress, room: int) -> str:
    """Where it is, in the longest form that fits."""
    forms = places(now)
    return next((form for form in forms if cell_len(form) <= room), forms[-1])


def _line(cells: Sequence[str | Text], columns: Sequence[int], gap: str) -> Text:
    """Cells side by side, numbers at the right of their columns; a column without width is left out."""
    parts = []
    for number, (cell, width) in enumerate(zip(cells, columns, strict=False)):
        part = cut(cell if isinstance(cell, Text) else Text(cell), width)
        part.align("right" if number >= _FIRST_NUMBER else "left", width)
        parts += [part] if width else []
    line = Text(gap).join(parts)
    line.no_wrap = True
    return line


def _columns(head: Sequence[str], rows: Sequence[RowLine], width: int, elastic: int) -> tuple[int, ...]:
    """Widths of the columns: a text and the place share what the others leave; the number goes where that is little.

    A place is shown in the longest form for which the text leaves room, and the text is cut to leave it a short one.
    """
    columns = [_widest(head[0], (row.name.plain for row in rows)), _widest(head[1], (row.about.plain for row in rows))]
    value, left = _widest(head[3], (row.value for row in rows)), _widest(head[4], (row.left for row in rows))
    forms = [places(row.now) for row in rows if row.now]
    longest, short = (
        max(_LEAST_NOW, _widest(head[2], (form[max(at, -len(form))] for form in forms))) for at in (-99, -2)
    )
    room = width - 4 * _gap(width) - columns[1 - elastic] - value - left
    if room < _LEAST_TEXT + short:
        room, value = room + value + _gap(width), 0
    most = max(room - longest, min(int(_TEXT_SHARE * width), room - short), _LEAST_TEXT)
    columns[elastic] = min(columns[elastic], most)
    return *columns, max(min(room - columns[elastic], longest), _LEAST_NOW), value, left


def _widest(name: str, cells: Iterable[str]) -> int:
    return max([cell_len(name), *map(cell_len, cells)])


def _gap(width: int) -> int:
    return 2 if width >= _WIDE else 1
