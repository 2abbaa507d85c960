"""The tables of an ablation's report: means with verdicts, differences, agreement with the paper."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from assay.evidence.numbers import MISSING, number, probability, signed
from assay.evidence.report.blocks import Cell, Grid
from assay.evidence.statistics.agreement import Agreement
from assay.evidence.statistics.parts.contrasts import Contrasts
from assay.evidence.statistics.verdict import Verdicts
from assay.evidence.statistics.words import BETTER, DIFFERENT, EQUIVALENT, NOT_RESOLVED, SIGNS, WORSE, rounded_up
from assay.evidence.tables.cells import floor_label, floor_value, published_value, row_label, sign, value
from assay.evidence.tables.table import Table
from assay.metric import metric_named

__all__ = ["KINDS", "agreement_grid", "differences_grid", "effects_grid", "table_grid"]

KINDS = {
    BETTER: "better",
    WORSE: "worse",
    DIFFERENT: "different",
    EQUIVALENT: "equivalent",
    NOT_RESOLVED: "unresolved",
    "": "",
}


def table_grid(table: Table) -> Grid:
    """A line per row, the paper's number below ours; a rule above the training-free rows."""
    lines = [_row(table, name) for name in table.rows(baseline=False)]
    floor = (Cell(floor_label(table), kind="muted"), Cell(""))
    lines.append((*floor, *(Cell(floor_value(table, metric), kind="number muted") for metric in table.columns)))
    for place, name in enumerate(table.rows(baseline=True)):
        lines.append(_row(table, name, rule=place == 0))
    return Grid(("row", "seeds", *table.headings), tuple(lines), table.title)


def differences_grid(verdicts: Verdicts, base: str, noun: str) -> Grid:
    """A line per row and metric: difference, interval, p, effect, verdict, and how large the true one may be.

    Args:
        verdicts: on the rows.
        base: what the base is called.
        noun: what a sample is called.
    """
    columns = ("row", "metric", f"difference to {base}", f"{100 * verdicts.level:g} % interval", "p", "p (corrected)",
               "effect", "verdict", "at most, either way (90 %)", "margin", "n")  # fmt: skip
    lines: list[tuple[Cell, ...]] = []
    for place, data in enumerate((verdicts.data, verdicts.baselines)):
        for line in data.to_dict("records"):
            rule = " rule" if lines and line["metric"] == data["metric"].iloc[0] else ""
            first = Cell(line["title"], kind=("muted" if place else "") + rule)
            digits = metric_named(line["metric"], verdicts.metrics).decimals
            lines.append((first, *_difference(pd.Series(line), digits)))
    corrected = "over the trained rows" + (", training-free ones among themselves" if len(verdicts.baselines) else "")
    grid = Grid(columns, tuple(lines), f"Differences to {base}; n: seeds × {noun}s, p (corrected): {corrected}")
    return grid if any(metric.margin for metric in verdicts.metrics) else grid.without("margin")


def effects_grid(contrasts: Contrasts, noun: str) -> Grid:
    """A line per effect of a design and metric.

    Args:
        contrasts: of the design.
        noun: what a sample is called.
    """
    columns = ("of", "metric", "effect", f"{100 * contrasts.level:g} % interval", "p", "p (corrected)", "word",
               "at most, either way (90 %)", "n")  # fmt: skip
    lines: list[tuple[Cell, ...]] = []
    sort = None
    for line in contrasts.data.sort_values("sort", key=_sort_place, kind="stable").to_dict("records"):
        first = Cell(line["effect"], _aliases(line, contrasts), "rule" if sort not in (None, line["sort"]) else "")
        sort = line["sort"]
        lines.append((first, *_effect(pd.Series(line), metric_named(line["metric"], contrasts.metrics).decimals)))
    return Grid(columns, tuple(lines), f"Effects of having the parts; n: seeds × {noun}s")


def _aliases(line: Mapping[Hashable, Any], contrasts: Contrasts) -> str:
    """Parts and pairs whose effects are in the number too."""
    titles = [part.title for part in contrasts.design.parts]
    few = [" × ".join(titles[place] for place in alias) for alias in line["aliases"] if len(alias) <= 2]
    return f"and {', and '.join(few)}: not told apart" if few else ""


def _sort_place(sorts: pd.Series) -> pd.Series:
    return sorts.map({"part": 0, "interaction": 1, "whole": 2})


def agreement_grid(agreement: Agreement) -> Grid:
    """A line per row and metric: ours, the paper's, and in what they agree."""
    columns = ("row", "metric", "mean", "interval", "paper", "inside", "one more training", "inside",
               "sign", "rank", "paper's rank")  # fmt: skip
    lines = [
        _agreement(line, metric_named(line["metric"], agreement.metrics).decimals)
        for _, line in agreement.data.iterrows()
    ]
    return Grid(columns, tuple(lines), "Cell by cell")


def _row(table: Table, name: str, *, rule: bool = False) -> tuple[Cell, ...]:
    cells = [table.cell(name, metric) for metric in table.columns]
    base = name == table.base_row
    first = Cell(row_label(table, name), kind=f"{'rule ' if rule else ''}{'best' if base else ''}".strip())
    seeds = Cell("" if cells[0]["baseline"] else str(cells[0]["n_seeds"]), kind="number")
    return first, seeds, *(_mean(cell, metric.decimals) for cell, metric in zip(cells, table.metrics, strict=True))


def _mean(cell: pd.Series, digits: int) -> Cell:
    published = published_value(cell, digits)
    return Cell(
        f"{value(cell, digits)} {sign(cell)}".strip(),
        below=f"paper {published}" if published else "",
        kind=f"number {cell['mark']} {KINDS[cell['verdict']]}".strip(),
        hint=", ".join(filter(None, (cell["verdict"], cell["reason_of_verdict"]))),
    )


def _difference(line: pd.Series, digits: int) -> tuple[Cell, ...]:
    known = math.isfinite(line["difference"])
    word = f"{SIGNS[line['verdict']]} {line['verdict']}" if known else "–"
    return (
        Cell(str(line["metric"])),
        _number(signed(line["difference"], digits)),
        _interval(line["low"], line["high"], digits),
        _number(probability(line["p"])),
        _number(probability(line["p_adjusted"])),
        _number(signed(line["effect"], 2)),
        Cell(word, kind=KINDS[line["verdict"]], hint=line["reason"]),
        _number(_bound(line["bound"], digits)),
        _number("" if pd.isna(line["margin"]) else f"{line['margin']:g}"),
        _number(f"{line['n_seeds']} × {line['n_images']}"),
    )


def _effect(line: pd.Series, digits: int) -> tuple[Cell, ...]:
    known = math.isfinite(line["estimate"])
    word = f"{SIGNS[line['verdict']]} {line['verdict']}" if known else "–"
    return (
        Cell(str(line["metric"])),
        _number(signed(line["estimate"], digits)),
        _interval(line["low"], line["high"], digits),
        _number(probability(line["p"])),
        _number(probability(line["p_adjusted"])),
        Cell(word, kind=KINDS[line["verdict"]], hint=line["reason"]),
        _number(_bound(line["bound"], digits)),
        _number(f"{line['n_seeds']} × {line['n_images']}"),
    )


def _agreement(line: pd.Series, digits: int) -> tuple[Cell, ...]:
    return (
        Cell(line["title"]),
        Cell(line["metric"]),
        _number(number(line["mean"], digits)),
        _interval(line["low"], line["high"], digits, plus=False),
        _number(number(line["published"], digits)),
        _yes(line["inside"]),
        _interval(line["training_low"], line["training_high"], digits, plus=False),
        _yes(line["inside_training"]),
        _yes(line["same_sign"], ("same", "other")),
        _number(number(line["rank"], 0)),
        _number(number(line["published_rank"], 0)),
    )


def _bound(bound: float, digits: int) -> str:
    return rounded_up(bound, digits) if math.isfinite(bound) else MISSING


def _number(text: str) -> Cell:
    return Cell(text, kind="number")


def _interval(low: float, high: float, digits: int, *, plus: bool = True) -> Cell:
    shown = signed if plus else number
    return _number(f"{shown(low, digits)} to {shown(high, digits)}" if math.isfinite(low) else "unknown")


def _yes(known: object, words: tuple[str, str] = ("inside", "outside")) -> Cell:
    if pd.isna(known):  # type: ignore[call-overload]
        return Cell("–", kind="muted")
    return Cell(words[0], kind="better") if known else Cell(words[1], kind="worse")
