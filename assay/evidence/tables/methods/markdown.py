"""A table of methods as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from assay.evidence.numbers import number
from assay.evidence.tables.markdown import MARKS, bar, escape
from assay.evidence.tables.methods.printed import Printed
from assay.evidence.tables.methods.table import MethodsTable
from assay.metric import Metric

__all__ = ["methods_markdown"]


def methods_markdown(table: MethodsTable) -> str:
    """A table per group, best in bold and second best in italics, words as signs; what is in print below."""
    parts = [line for group in table.groups for line in _group(table, group)]
    if table.printed:
        parts += [line for group in table.groups for line in _printed(table.printed, group, table.metrics)]
    return "\n".join([*parts, *(f"- {escape(note)}" for note in table.told)]) + "\n"


def _group(table: MethodsTable, group: str) -> Iterator[str]:
    yield from (f"**{escape(table.title(group))}**", "")
    yield from _head("method", table.metrics)
    for method in table.methods(group):
        cells = (table.text(group, method, metric) for metric in table.metrics)
        yield bar([escape(method), *(f"{MARKS[mark].format(mean)} {sign}".rstrip() for mean, mark, sign in cells)])
    yield ""


def _printed(printed: Printed, group: str, metrics: tuple[Metric, ...]) -> Iterator[str]:
    methods = printed.rows(group)
    shown = tuple(metric for metric in metrics if metric.name in set(printed.data["metric"]))
    if not methods:
        return
    yield from (f"**{escape(f'{group}: beside {printed.title}')}**", "")
    yield from _head("method", shown)
    for method in methods:
        count, cells = printed.row(group, method)
        nothing = (float("nan"),) * 3
        of = [(metric, cells.get(metric.name, nothing)) for metric in shown]
        yield bar([escape(f"{method}, here ({count})"), *(number(here, m.decimals) for m, (here, _, _) in of)])
        yield bar(["in print", *(number(there, m.decimals) for m, (_, there, _) in of)])
        yield bar(["apart", *(f"{100 * apart:+.2f} %".replace("-", "\N{MINUS SIGN}") for _, (_, _, apart) in of)])
    yield ""


def _head(first: str, metrics: tuple[Metric, ...]) -> Iterator[str]:
    yield bar([first, *(escape(metric.heading) for metric in metrics)])
    yield bar(["---", *["---:"] * len(metrics)])
