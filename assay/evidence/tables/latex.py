"""A table as LaTeX."""

from __future__ import annotations

from assay.config.errors import one_line
from assay.evidence.tables.cells import (
    counted_label,
    floor_label,
    floor_value,
    in_print,
    published_value,
    sign,
    value,
)
from assay.evidence.tables.table import Table

__all__ = ["MARKS", "escape", "latex", "line"]

MARKS = {
    "colour": {"best": r"\textcolor{{red}}{{{}}}", "second": r"\textcolor{{blue}}{{{}}}", "": "{}"},
    "bold": {"best": r"\textbf{{{}}}", "second": r"\underline{{{}}}", "": "{}"},
}
_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"$<$", ">": r"$>$",
    "|": r"\textbar{}", "[": "{[}", "]": "{]}", "*": "{*}",  # the last three mean something after a line's end
    "±": r"$\pm$", "–": "--",
    "▲": r"$^{\uparrow}$", "▼": r"$^{\downarrow}$", "○": r"$^{\circ}$",
    "◆": r"$^{\diamond}$", "≈": r"$^{\approx}$", "↑": r"$\uparrow$", "↓": r"$\downarrow$", "\N{MINUS SIGN}": r"$-$",
}  # fmt: skip


def latex(table: Table, style: str = "colour") -> str:
    """A LaTeX table over both columns of a page (packages booktabs, and xcolor for colours).

    Args:
        table: what to write.
        style: `colour` shows best and second best in the paper's red and blue, `bold` in bold and underlined.
    """
    printed = in_print(table)
    headings = zip(table.columns, table.headings, strict=True)
    head = [text for m, heading in headings for text in (escape(heading), r"\emph{paper}")[: 1 + (m in printed)]]
    rows = [_row(table, name, style, printed) for name in table.rows(baseline=False)]
    free = [_row(table, name, style, printed) for name in table.rows(baseline=True)]
    lines = [
        f"% needs: {'booktabs, xcolor' if style == 'colour' else 'booktabs'}",
        r"\begin{table*}",
        r"\centering",
        rf"\caption{{{escape(table.title)}.}}",
        rf"\begin{{tabular}}{{l{'r' * len(head)}}}",
        r"\toprule",
        line(["Configuration", *head]),
        r"\midrule",
        *rows,
        _floor(table, printed),
        *([r"\midrule", *free] if free else []),
        r"\bottomrule",
        r"\end{tabular}",
        rf"\par\smallskip\parbox{{\textwidth}}{{\footnotesize {escape(' '.join(table.notes))}}}",
        r"\end{table*}",
    ]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """`text` in one line and without meaning to LaTeX."""
    parts = one_line(text, most=10_000).split("--")  # which would become a dash
    escaped = ("".join(_SPECIAL.get(character, character) for character in part) for part in parts)
    return " ".join("-{}-".join(escaped).split())


def _row(table: Table, name: str, style: str, printed: frozenset[str]) -> str:
    values = []
    for metric in table.columns:
        cell, digits = table.cell(name, metric), table.decimals(metric)
        values.append(MARKS[style][cell["mark"]].format(escape(value(cell, digits))) + escape(sign(cell)))
        if metric in printed:
            values.append(published_value(cell, digits))
    return line([escape(counted_label(table, name)), *values])


def _floor(table: Table, printed: frozenset[str]) -> str:
    values = [t for m in table.columns for t in (escape(floor_value(table, m)), "")[: 1 + (m in printed)]]
    return line([rf"\emph{{{escape(floor_label(table))}}}", *values])


def line(cells: list[str]) -> str:
    """A line of a table; the cells are escaped already."""
    return rf"{' & '.join(cells)} \\"
