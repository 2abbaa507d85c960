"""The pictures that a run keeps of a sample: its sources, and what every row makes of it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assay.config.errors import UserError
from assay.config.reading import MIB, read_file
from assay.store.received.inside import inside
from assay.store.received.names import file_name, original_name
from assay.store.run.folder import RowRecord, RunFolder

__all__ = ["Pixels", "Shown", "picture_names", "pictures_of"]

_TITLES = {"ir": "infrared", "vi": "visible"}  # of kinds of sources whose word is short
_MOST = 64 * MIB

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Shown:
    """A picture of a sample.

    Attributes:
        title: of the row, or the kind of a source; as the user wrote it.
        path: of its PNG.
        row: name of the row; empty of a source.
    """

    title: str
    path: Path
    row: str = ""

    @cached_property
    def png(self) -> bytes:
        """The file; raises an OSError, or a ValueError if it is too large."""
        return read_file(self.path, _MOST)

    @cached_property
    def pixels(self) -> Pixels:
        """Shape (height, width, 3), 0..255; a UserError if it cannot be read."""
        try:
            with Image.open(io.BytesIO(self.png), formats=("PNG",)) as image:
                return np.asarray(image.convert("RGB"))
        except Exception as error:  # there is no end to what a damaged file makes a decoder raise
            told = f"{self.path} is no picture ({error}); remove it and give the run's command again"
            raise UserError(told) from error


def picture_names(run: RunFolder) -> list[str]:
    """Names of the images that the run keeps, sorted."""
    return sorted(_files(run))


def pictures_of(run: RunFolder, name: str) -> list[Shown]:
    """The sources of a sample by kind, then the picture of every row that has one: in table order, the base first.

    Args:
        run: the folder.
        name: one of `picture_names(run)`.

    Returns:
        Empty if no row has a picture.
    """
    file = _files(run).get(name)
    made = _made(run, file) if file else []
    return [*_sources(run, file), *made] if file and made else []


def _files(run: RunFolder) -> dict[str, str]:
    """Name of an image -> that of its files, without suffix."""
    paths = inside(run.folder, "images").glob("*/*.png")
    return {original_name(path.stem): path.stem for path in paths if path.parent.name != "sources"}


def _sources(run: RunFolder, file: str) -> list[Shown]:
    names = sorted(path.stem for path in inside(run.folder, "images", "sources").glob("*.png"))
    kinds = [name.rpartition("-")[2] for name in names if name.rpartition("-")[0] == file]
    paths = {kind: inside(run.folder, "images", "sources", f"{file}-{kind}.png") for kind in kinds}
    return [Shown(_TITLES.get(kind, kind), path) for kind, path in paths.items()]


def _made(run: RunFolder, file: str) -> list[Shown]:
    record = run.record
    rows = sorted(record.rows, key=lambda row: row.name != record.base_row)
    folders = _folders(run, rows)
    paths = ((row, inside(run.folder, "images", folders[row.name].name, f"{file}.png")) for row in rows)
    return [Shown(row.title, path, row.name) for row, path in paths if path.is_file()]


def _folders(run: RunFolder, rows: Sequence[RowRecord]) -> dict[str, Path]:
    """Row -> folder of its pictures, which version 0.1 named in ASCII alone."""
    images = inside(run.folder, "images")
    now = {row.name: images / file_name(row.name) for row in rows}
    before = {name: images / re.sub(r"[^A-Za-z0-9._-]+", "_", name).lstrip(".") for name in now}
    return {name: now[name] if now[name].is_dir() or before[name] in now.values() else before[name] for name in now}
