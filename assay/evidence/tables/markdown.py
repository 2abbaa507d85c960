"""A table as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assay.config.errors import one_line
from assay.evidence.tables.cells import floor_label, floor_value, in_print, published_value, row_label, sign, value
from assay.evidence.tables.table import Table

__all__ = ["MARKS", "bar", "escape", "markdown"]

MARKS = {"best": "**{}**", "second": "*{}*", "": "{}"}


def markdown(table: Table) -> str:
    """A Markdown table with best in bold and second best in italics, verdicts as signs; notes below."""
    printed = in_print(table)
    headings = zip(table.columns, table.headings, strict=True)
    columns = [text for m, heading in headings for text in (escape(heading), "paper")[: 1 + (m in printed)]]
    lines = [f"**{escape(table.title)}**", "", bar(["row", "seeds", *columns])]
    lines.append(bar(["---", "---:", *["---:"] * len(columns)]))
    lines += [_row(table, name, printed) for name in table.rows(baseline=False)]
    lines.append(_floor(table, printed))
    free = [_row(table, name, printed) for name in table.rows(baseline=True)]
    if free:
        lines += [bar(["*without training*", *[""] * (len(columns) + 1)]), *free]
    return "\n".join([*lines, "", *(f"- {escape(note)}" for note in table.notes)]) + "\n"


def escape(text: str) -> str:
    """`text` in one line and without meaning to Markdown, at the beginning of a line too."""
    escaped = re.sub(r"[\\|*_<>`\[\]~&$]", r"\\\g<0>", " ".join(one_line(text, most=10_000).split()))
    return re.sub(r"^(\d*)([-+#=.)])", r"\1\\\2", escaped)


def _row(table: Table, name: str, printed: frozenset[str]) -> str:
    cells = [table.cell(name, metric) for metric in table.columns]
    values = []
    for metric, cell in zip(table.columns, cells, strict=True):
        digits = table.decimals(metric)
        values.append(f"{MARKS[cell['mark']].format(value(cell, digits))} {sign(cell)}".rstrip())
        if metric in printed:
            values.append(published_value(cell, digits))
    seeds = "" if cells[0]["baseline"] else str(cells[0]["n_seeds"])
    return bar([escape(row_label(table, name)), seeds, *values])


def _floor(table: Table, printed: frozenset[str]) -> str:
    values = [text for m in table.columns for text in (floor_value(table, m), "")[: 1 + (m in printed)]]
    return bar([f"*{escape(floor_label(table))}*", "", *values])


def bar(cells: Sequence[str]) -> str:
    """A line of a table; the cells are escaped already."""
    return f"| {' | '.join(cells)} |"
