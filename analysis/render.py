"""A table as Markdown, CSV, LaTeX, and lines for the terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.numbers import MISSING, number
from analysis.table import Table, ablation_table
from smfnet.config.atomic import write_text
from smfnet.experiment.results import Run

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["csv", "latex", "markdown", "terminal", "write_tables"]

TERMINAL_METRICS = 4  # as many as fit into 100 columns beside the longest title


def write_tables(run: Run) -> list[Path]:
    """Write table.md, table.csv and table.tex into the run's folder.

    Returns:
        The paths, in that order.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    table = ablation_table(run)
    texts = {"table.md": markdown(table), "table.csv": csv(table), "table.tex": latex(table)}
    for name, text in texts.items():
        write_text(run.folder / name, text)
    return [run.folder / name for name in texts]


def markdown(table: Table) -> str:
    """A Markdown table with best in bold and second best in italics; notes below."""
    columns = [name for metric in table.columns for name in (metric, "paper")]
    if not _has_published(table):
        columns = list(table.columns)
    lines = [f"**{_escape_markdown(table.title)}**", "", _bar(["row", "seeds", *columns])]
    lines.append(_bar(["---", "---:", *["---:"] * len(columns)]))
    for baseline in (False, True):
        names = table.rows(baseline=baseline)
        if baseline and names:
            lines.append(_bar(["*without training*", *[""] * (len(columns) + 1)]))
        lines += [_bar(_markdown_cells(table, name)) for name in names]
    return "\n".join([*lines, "", *(f"- {_escape_markdown(note)}" for note in table.notes)]) + "\n"


def csv(table: Table, layout: str = "wide") -> str:
    """All digits.

    Args:
        table: what to write.
        layout: `wide`: a line per row, with columns such as EN_mean, EN_spread and EN_published; `tidy`: a line per
            row x metric.
    """
    if layout == "tidy":
        return table.data.to_csv(index=False, lineterminator="\n")
    about = ["row", "title", "baseline", "status", "reason", "n_seeds", "n_images"]
    lines = table.data.groupby("row", sort=False)[about].first().reset_index(drop=True)
    for metric in table.columns:
        cells = table.data[table.data["metric"] == metric].reset_index(drop=True)
        for part in ("mean", "spread", "published"):
            lines[f"{metric}_{part}"] = cells[part]
    return lines.to_csv(index=False, lineterminator="\n")


def latex(table: Table, style: str = "colour") -> str:
    """A LaTeX table (packages booktabs, and xcolor for colours).

    Args:
        table: what to write.
        style: `colour` shows best and second best in the paper's red and blue, `bold` in bold and underlined.
    """
    head = " & ".join(["Configuration", *map(_escape_latex, table.columns)])
    body = [_latex_row(table, name, style) for name in table.rows(baseline=False)]
    baselines = [_latex_row(table, name, style) for name in table.rows(baseline=True)]
    packages = "booktabs, xcolor" if style == "colour" else "booktabs"
    lines = [
        f"% needs: {packages}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_escape_latex(' '.join([table.title + '.', *table.notes]))}}}",
        rf"\begin{{tabular}}{{l{'r' * len(table.columns)}}}",
        r"\toprule",
        rf"{head} \\",
        r"\midrule",
        *body,
        *([r"\midrule", *baselines] if baselines else []),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def terminal(table: Table) -> RenderableType:
    """What rich prints: at most 100 columns wide, the paper's number under ours."""
    from rich.console import Group
    from rich.text import Text

    parts: list[Any] = [
        _terminal_part(table, table.columns[start : start + TERMINAL_METRICS])
        for start in range(0, len(table.columns), TERMINAL_METRICS)
    ]
    return Group(*parts, *(Text(f"· {note}", style="dim") for note in table.notes))


def _terminal_part(table: Table, metrics: Sequence[str]) -> RenderableType:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    title = table.title if metrics[0] == table.columns[0] else None
    drawn = RichTable(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    drawn.add_column("", max_width=30, overflow="fold")
    for metric in metrics:
        drawn.add_column(metric, justify="right", no_wrap=True)
    for baseline in (False, True):
        names = table.rows(baseline=baseline)
        if baseline and names:
            drawn.add_section()
        for name in names:
            cells = [_terminal_cell(table.cell(name, metric), _digits(table, metric)) for metric in metrics]
            drawn.add_row(Text(_label(table, name)), *cells)
    return drawn


def _digits(table: Table, metric: str) -> int:
    """Fewer for metrics of tens, so that a line of the terminal holds four of them."""
    shown = table.data.loc[table.data["metric"] == metric, ["mean", "published"]]
    return 2 if shown.abs().max().max() >= 20 else 3


def _terminal_cell(cell: pd.Series, digits: int) -> Any:
    from rich.text import Text

    style = {"best": "bold red", "second": "bold blue"}.get(cell["mark"], "")
    text = Text(_value(cell, digits), style=style if math.isfinite(cell["mean"]) else "dim")
    if math.isfinite(cell["published"]):
        text.append(f"\npaper {number(cell['published'], digits)}", style="not bold dim default")
    return text


def _markdown_cells(table: Table, name: str) -> list[str]:
    cells = [table.cell(name, metric) for metric in table.columns]
    values = [_marked(_value(cell), cell["mark"], {"best": "**{}**", "second": "*{}*"}.__getitem__) for cell in cells]
    if _has_published(table):
        pairs = zip(values, (number(cell["published"]) for cell in cells), strict=True)
        values = [text for value, printed in pairs for text in (value, "" if printed == MISSING else printed)]
    seeds = "" if cells[0]["baseline"] else str(cells[0]["n_seeds"])
    return [_escape_markdown(_label(table, name)), seeds, *values]


def _latex_row(table: Table, name: str, style: str) -> str:
    wrap = _LATEX_MARKS[style]
    cells = [table.cell(name, metric) for metric in table.columns]
    values = [_marked(_escape_latex(_value(cell)), cell["mark"], wrap.__getitem__) for cell in cells]
    return rf"{' & '.join([_escape_latex(_label(table, name)), *values])} \\"


_LATEX_MARKS = {
    "colour": {"best": r"\textcolor{{red}}{{{}}}", "second": r"\textcolor{{blue}}{{{}}}"},
    "bold": {"best": r"\textbf{{{}}}", "second": r"\underline{{{}}}"},
}


def _value(cell: pd.Series, digits: int = 4) -> str:
    """`mean ± spread`; n/a as spread with one seed, nothing for a training-free row, a dash where there is no value."""
    if not math.isfinite(cell["mean"]):
        return "–"
    mean = number(cell["mean"], digits)
    return mean if cell["baseline"] else f"{mean} ± {number(cell['spread'], digits)}"


def _label(table: Table, name: str) -> str:
    """The row's title, with its state unless it is finished."""
    first = table.data[table.data["row"] == name].iloc[0]
    if first["status"] == "finished":
        return str(first["title"])
    return f"{first['title']} [{first['status']}{': ' + first['reason'] if first['reason'] else ''}]"


def _marked(text: str, mark: str, pattern: Callable[[str], str]) -> str:
    return pattern(mark).format(text) if mark else text


def _has_published(table: Table) -> bool:
    return bool(table.data["published"].notna().any())


def _bar(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape_markdown(text: str) -> str:
    for character in "\\|*_<>`[]":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())


def _escape_latex(text: str) -> str:
    return " ".join("".join(_LATEX.get(character, character) for character in text).split())


_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"$<$", ">": r"$>$", "±": r"$\pm$", "–": "--",
}  # fmt: skip
