"""The pictures that a run keeps, by sample; asked for by names that are looked up, never joined to a path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assay.config.reading import MIB, read_file
from assay.store.received.inside import inside
from assay.store.received.names import file_name, original_name
from assay.store.run.folder import RunFolder

__all__ = ["Shown", "picture_bytes", "samples", "shown"]

SOURCES = "sources"
_MOST = 64 * MIB


@dataclass(frozen=True)
class Shown:
    """A picture on the page.

    Attributes:
        title: of the row, or the kind of a source.
        group, file: its folder below `images/` and its name there, without suffix.
        source: whether it is a source's.
    """

    title: str
    group: str
    file: str
    source: bool = False


def samples(folder: Path) -> list[str]:
    """Names of the samples of which rows have pictures, sorted."""
    return sorted({original_name(file) for group, file in _all(folder) if group != SOURCES})


def shown(run: RunFolder, sample: str) -> list[Shown]:
    """The sources of a sample and the picture of every row that has one; rows in table order, the base first."""
    there, file, record = _all(run.folder), file_name(sample), run.record
    kinds = sorted(name for group, name in there if group == SOURCES and name.rpartition("-")[0] == file)
    sources = [Shown(name.rpartition("-")[2], SOURCES, name, True) for name in kinds]
    rows = sorted(record.rows, key=lambda row: row.name != record.base_row)
    made = [Shown(row.title, file_name(row.name), file) for row in rows if (file_name(row.name), file) in there]
    return [*sources, *made]


def picture_bytes(folder: Path, group: str, file: str) -> bytes | None:
    """The PNG of one of them; None if the run keeps no such picture.

    Raises:
        OSError, ValueError: it cannot be read.
        UserError: it leads out of the run.
    """
    if (group, file) not in _all(folder):
        return None
    return read_file(inside(folder, "images", group, f"{file}.png"), _MOST)


def _all(folder: Path) -> set[tuple[str, str]]:
    """Folder and name of every picture."""
    return {(path.parent.name, path.stem) for path in inside(folder, "images").glob("*/*.png")}
