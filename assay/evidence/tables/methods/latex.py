"""A table of methods as LaTeX."""

from __future__ import annotations

from collections.abc import Iterator

from assay.evidence.numbers import number
from assay.evidence.tables.latex import MARKS, escape, line
from assay.evidence.tables.methods.table import MethodsTable

__all__ = ["methods_latex"]


def methods_latex(table: MethodsTable, style: str = "colour") -> str:
    """A LaTeX table over both columns of a page (packages booktabs, and xcolor for colours), a block per group.

    Args:
        table: what to write; of what is in print the numbers stand below each method's.
        style: `colour` shows best and second best in red and blue, `bold` in bold and underlined.
    """
    blocks = (row for group in table.groups for row in _block(table, group, style))
    lines = [
        f"% needs: {'booktabs, xcolor' if style == 'colour' else 'booktabs'}",
        r"\begin{table*}",
        r"\centering",
        rf"\caption{{{escape('; '.join(table.title(group) for group in table.groups))}.}}",
        rf"\begin{{tabular}}{{l{'r' * len(table.metrics)}}}",
        r"\toprule",
        line(["Method", *map(escape, table.headings())]),
        *blocks,
        r"\bottomrule",
        r"\end{tabular}",
        rf"\par\smallskip\parbox{{\textwidth}}{{\footnotesize {escape(' '.join(table.told))}}}",
        r"\end{table*}",
    ]
    return "\n".join(lines) + "\n"


def _block(table: MethodsTable, group: str, style: str) -> Iterator[str]:
    yield r"\midrule"
    if group:
        yield line([rf"\multicolumn{{{len(table.metrics) + 1}}}{{l}}{{\emph{{{escape(table.title(group))}}}}}"])
    for method in table.methods(group):
        cells = (table.text(group, method, metric) for metric in table.metrics)
        yield line([escape(method), *(MARKS[style][mark].format(mean) + escape(sign) for mean, mark, sign in cells)])
        yield from _printed(table, group, method)


def _printed(table: MethodsTable, group: str, method: str) -> Iterator[str]:
    if table.printed and method in table.printed.rows(group):
        _, cells = table.printed.row(group, method)
        of = ((metric, cells.get(metric.name)) for metric in table.metrics)
        texts = (number(cell[1], metric.decimals) if cell else "" for metric, cell in of)
        yield line([r"\quad\emph{in print}", *texts])
