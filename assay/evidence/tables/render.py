"""A table as Markdown, CSV, LaTeX, and lines for the terminal."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from assay.evidence.csv_text import csv_text
from assay.evidence.statistics.parts.contrasts import Contrasts
from assay.evidence.tables.cells import floor_label
from assay.evidence.tables.effects import effects_csv, effects_markdown
from assay.evidence.tables.latex import latex
from assay.evidence.tables.markdown import markdown
from assay.evidence.tables.table import Table, ablation_table
from assay.evidence.tables.terminal import terminal
from assay.store.disk.atomic import write_text
from assay.store.disk.written import wrote
from assay.store.run.folder import RunFolder

__all__ = ["csv", "latex", "markdown", "terminal", "write_tables"]

FLOOR_ROW = "noise_floor"
_ABOUT = ["row", "title", "baseline", "status", "reason", "n_seeds", "n_images"]
_WIDE = [
    *("mean", "spread", "published", "difference", "low", "high", "bound", "p_adjusted", "margin", "p_equal_adjusted"),
    *("effect", "verdict"),
]


def write_tables(run: RunFolder, table: Table | None = None, contrasts: Contrasts | None = None) -> list[Path]:
    """Write table.md, table.csv and table.tex into the run's folder, of a design effects.md and effects.csv too.

    Args:
        run: the folder.
        table: of the run, if it was made before.
        contrasts: of the run's design; None if it has none.

    Returns:
        The paths, in that order.

    Raises:
        UserError: the folder is no run, or a file in it is damaged.
    """
    table = table or ablation_table(run)
    texts = {"table.md": markdown(table), "table.csv": csv(table), "table.tex": latex(table)}
    if contrasts:
        texts |= {"effects.md": effects_markdown(contrasts), "effects.csv": effects_csv(contrasts)}
    for name, text in texts.items():
        write_text(run.folder / name, text)
        wrote(run.folder / name)
    return [run.folder / name for name in texts]


def csv(table: Table, layout: str = "wide") -> str:
    """All digits; a text that a spreadsheet would carry out begins with an apostrophe.

    Args:
        table: what to write.
        layout: `wide`: a line per row, with columns such as EN_mean, EN_published and EN_verdict, and a last line
            noise_floor, whose EN_low and EN_high are where the base trained again comes to lie, the base taken as zero;
            `tidy`: a line per row x metric.
    """
    if layout == "tidy":
        return csv_text(table.data)
    parts = [table.data.groupby("row", sort=False)[_ABOUT].first().reset_index(drop=True)]
    for metric in table.columns:
        cells = table.data.loc[table.data["metric"] == metric, _WIDE].reset_index(drop=True)
        parts.append(cells.add_prefix(f"{metric}_"))
    lines = pd.concat([pd.concat(parts, axis=1), _floor(table)], ignore_index=True)
    counts = ["n_seeds", "n_images"]
    lines[counts] = lines[counts].astype("Int64")
    return csv_text(lines)


def _floor(table: Table) -> pd.DataFrame:
    line: dict[str, object] = {"row": FLOOR_ROW, "title": floor_label(table), "baseline": False}
    for metric in table.columns:
        line |= {f"{metric}_low": -table.floor(metric), f"{metric}_high": table.floor(metric)}
    return pd.DataFrame([line])
