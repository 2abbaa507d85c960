"""The sections of a search's report: the tables, figures and configurations that the search left in its folder."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from PIL import Image

from analysis.report_blocks import Block, Listing, Picture, Section, Sentences, grid_of
from analysis.report_provenance import provenance_section
from smfnet.config.errors import UserError
from smfnet.experiment.results import Run

__all__ = ["STUDY", "is_search", "pictures_of", "search_sections", "settings_of", "tables_of"]

STUDY = "study.journal"  # the search's memory, see smfnet.search.study
MOST_LINES = 200


def is_search(folder: Path) -> bool:
    """Whether the folder is that of a search."""
    if (folder / "run.json").is_file():
        return Run(folder).record.kind == "search"
    return (folder / STUDY).is_file()


def search_sections(run: Run) -> list[Section]:
    """What the folder of a search holds; what is missing is said instead.

    Raises:
        UserError: a file in it is damaged.
    """
    parts = (
        ("results", "Results", _tables),
        ("figures", "Figures", _pictures),
        ("settings", "Configurations", _settings),
    )
    sections = [Section(anchor, title, tuple(part(run.folder))) for anchor, title, part in parts]
    if (run.folder / "run.json").is_file():
        sections.append(provenance_section(run.record))
    return sections


def tables_of(folder: Path) -> dict[str, pd.DataFrame]:
    """File name -> table, of every CSV file.

    Raises:
        UserError: one of them cannot be read.
    """
    return {path.name: _table(path) for path in sorted(folder.glob("*.csv"))}


def pictures_of(folder: Path) -> dict[str, bytes]:
    """Name of the figure -> PNG, of every picture in the folder and in its `figures/`.

    Raises:
        UserError: one of them is no picture.
    """
    paths = sorted((*folder.glob("*.png"), *folder.glob("figures/*.png")))
    return {path.stem: _picture(path) for path in paths}


def settings_of(folder: Path) -> dict[str, str]:
    """File name -> text, of every YAML file."""
    return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.yaml"))}


def _tables(folder: Path) -> Iterator[Block]:
    tables = tables_of(folder)
    if not tables:
        yield Sentences(("No tables yet: the search writes them when it ends.",), "missing")
    for name, table in tables.items():
        more = f" (the first {MOST_LINES} of {len(table)} lines)" if len(table) > MOST_LINES else ""
        yield grid_of(table.head(MOST_LINES), caption=f"{name}{more}")


def _pictures(folder: Path) -> Iterator[Block]:
    pictures = pictures_of(folder)
    if not pictures:
        yield Sentences(("No figures yet: the search draws them when it ends.",), "missing")
    for name, png in pictures.items():
        yield Picture(name, name.replace("_", " ").replace("-", " "), png)


def _settings(folder: Path) -> Iterator[Block]:
    for name, text in settings_of(folder).items():
        yield Sentences((name,))
        yield Listing(text)


def _table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:  # pandas' errors are ValueErrors
        raise UserError(f"{path} is damaged ({error}); give the search's command again to write it anew") from error


def _picture(path: Path) -> bytes:
    png = path.read_bytes()
    try:
        Image.open(io.BytesIO(png)).verify()
    except (OSError, ValueError, SyntaxError) as error:  # Pillow tells a broken PNG by SyntaxError
        raise UserError(f"{path} is no picture; give the search's command again to draw it anew") from error
    return png
