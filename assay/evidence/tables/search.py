"""The best configurations of a search and what decided, for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from assay.evidence.numbers import MISSING, number
from assay.evidence.search_record import validated_on
from assay.evidence.search_results import DEFAULTS, FEWEST_FOR_IMPORTANCE, SearchResults
from assay.evidence.search_shortfalls import limits, shortfalls
from assay.evidence.statistics.correction import ALPHA
from assay.evidence.tables.markdown import bar, escape
from assay.store.disk.atomic import write_text
from assay.store.disk.written import wrote

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = [
    "SUMMARY", "best_line", "best_table", "importance_lines", "search_lines", "standing_out", "terminal",
    "write_summary",
]  # fmt: skip

SUMMARY = "summary.md"
SHOWN = 5  # of the best


def best_table(results: SearchResults, count: int = SHOWN) -> pd.DataFrame:
    """The best finished trials, then the defaults if they are not among them.

    Returns:
        Columns trial, role (in words, with the ranges that it lies outside of), the objectives, the parameters.
    """
    best = results.best(count)
    defaults = results.finished[results.finished["role"] != ""]
    rows = pd.concat([best, defaults[~defaults["trial"].isin(best["trial"])]])
    outside = results.outside.loc[rows.index]
    roles = [_role(results, role, where) for role, where in zip(rows["role"], outside, strict=True)]
    names = [parameter["name"] for parameter in results.space]
    table = rows[["trial", "role", *results.objectives, *names]].reset_index(drop=True)
    return table.assign(role=roles)


def importance_lines(results: SearchResults) -> list[str]:
    """One line per objective: the parameters by importance, what chance gives, and what that is made of."""
    lines = []
    for objective, data in results.importance.groupby("objective", sort=False):
        parts = ", ".join(_share(line) for line in data.to_dict("records"))
        step, trials = data["step"].iloc[0], int(data["trials"].iloc[0])
        when = "at the end" if pd.isna(step) else f"after {int(step)} epoch{'s' if step > 1 else ''} of the last stage"
        told = f"importance for {objective}: {parts} (PED-ANOVA, {trials} trials, values {when})"
        lines.append(told + ("" if data["p"].isna().any() else f"; {standing_out(data)}"))
    few = f"not told below {FEWEST_FOR_IMPORTANCE} trials with values, of which there are {results.compared}"
    return lines or [f"importance: {few}"]


def standing_out(importance: pd.DataFrame) -> str:
    """Which parameters of one objective stand out from shuffled values, in words."""
    named = ", ".join(importance.loc[importance["p"] < ALPHA, "parameter"])
    return f"{named or 'no parameter'} stand{'' if ',' in named else 's'} out from values shuffled over the trials"


def _share(line: Mapping[Hashable, Any]) -> str:
    """`alpha3 0.70 (by chance 0.21, up to 0.55)`."""
    chance = "" if pd.isna(line["p"]) else f" (by chance {line['chance']:.2f}, up to {line['chance_high']:.2f})"
    return f"{line['parameter']} {line['importance']:.2f}{chance}"


def best_line(results: SearchResults) -> str:
    """What the search found inside its ranges, on the validation split; empty for a front, or if it found nothing."""
    if len(results.objectives) > 1 or results.within.empty:
        return ""
    best, objective = results.best(1).iloc[0], results.objectives[0]
    metric, finished = results.metric(objective), results.finished
    outside = results.outside.loc[finished.index]
    better = metric.signed(finished[objective]) > metric.signed(best[objective])
    others = finished[(outside != "") & better]
    beyond = "".join(
        f"; {_role(results, line['role'], outside[index])}, have {number(line[objective], metric.decimals)}"
        for index, line in others.iterrows()
    )
    if best["role"] == DEFAULTS:
        return f"no trial is better than {results.roles[DEFAULTS]} on the validation split{beyond}"
    first = finished[finished["role"] == DEFAULTS]
    beside = f", {results.roles[DEFAULTS]} {number(first[objective].iloc[0], metric.decimals)}" if len(first) else ""
    found = f"trial {best['trial']} with {objective} {number(best[objective], metric.decimals)}{beside}{beyond}"
    flattered = "the best of several is flattered by its choice, which fresh seeds and the test split are not"
    return f"best on the validation split: {found}; {flattered}"


def search_lines(results: SearchResults) -> list[str]:
    """What is told of a search beside its best configurations and its shortfalls."""
    start, note = (str(results.record.get(name, "")) for name in ("start", "note"))
    return [line for line in (start, *limits(results), best_line(results), *importance_lines(results), note) if line]


def terminal(results: SearchResults, count: int = SHOWN) -> RenderableType:
    """What rich prints."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = best_table(results, count)
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in table.columns:
        drawn.add_column(Text(str(name)), justify="left" if name == "role" else "right", overflow="fold")
    for line in table.to_dict("records"):
        drawn.add_row(*(Text(text) for text in _cells(results, line)))
    short = [Text(line, style="bold red") for line in shortfalls(results)]
    return Group(Text(_title(results), style="italic"), drawn, *short)


def write_summary(results: SearchResults, folder: Path, further: Sequence[str] = ()) -> Path:
    """Write summary.md: the best configurations, what was not done, the importance, and further lines."""
    table = best_table(results)
    head = [escape(str(name)) for name in table.columns]
    lines = [f"**{escape(_title(results))}**", "", bar(head), bar(["---:"] * len(head))]
    lines += [bar([escape(cell) for cell in _cells(results, line)]) for line in table.to_dict("records")]
    short = (f"**{escape(line)}**" for line in shortfalls(results))
    lines += ["", *(f"- {line}" for line in (*short, *map(escape, (*search_lines(results), *further))))]
    path = folder / SUMMARY
    write_text(path, "\n".join(lines) + "\n")
    wrote(path)
    return path


def _role(results: SearchResults, role: str, outside: str) -> str:
    """`the preset's own values, outside lr=1e2:1e9`."""
    return ", ".join(filter(None, (results.roles.get(role, ""), f"outside {outside}" if outside else "")))


def _title(results: SearchResults) -> str:
    what = "Pareto front" if len(results.objectives) > 1 else "Best configurations"
    what = "No best configuration" if results.within.empty else what
    return f"{what}, on {validated_on(results.record)}"


def _cells(results: SearchResults, line: Mapping[Hashable, Any]) -> list[str]:
    return [
        number(float(value), results.metric(str(name)).decimals) if name in results.objectives else _text(value)
        for name, value in line.items()
    ]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return MISSING if value != value else f"{value:.3g}"
    return str(value).lower() if isinstance(value, bool) else str(value)
