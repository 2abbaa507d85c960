"""Figures as files: the same figure gives the same bytes."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from assay.store.disk.atomic import write_bytes

__all__ = ["DPI", "png", "save", "save_as"]

DPI = 144


def png(figure: Figure) -> bytes:
    """The figure as PNG, without the time or the program that made it."""
    return _bytes(figure, "png", {"Software": None})


def save(figure: Figure, folder: Path, name: str) -> bytes:
    """Write `folder/name.png` and `folder/name.pdf`.

    Returns:
        What stands in the PNG.
    """
    picture = png(figure)
    figure.set_layout_engine("none")  # the places that the PNG found
    write_bytes(folder / f"{name}.png", picture)
    write_bytes(folder / f"{name}.pdf", _bytes(figure, "pdf", {"CreationDate": None, "Creator": None}))
    return picture


def save_as(figure: Figure, path: Path) -> None:
    """Write one file, `.png`, `.pdf` or `.svg` as its suffix says."""
    kind = path.suffix.lower().removeprefix(".")
    if kind == "png":
        write_bytes(path, png(figure))
        return
    metadata = {"pdf": {"CreationDate": None, "Creator": None}, "svg": {"Date": None, "Creator": None}}[kind]
    with matplotlib.rc_context({"svg.hashsalt": path.name}):  # else names in an SVG are drawn by chance
        write_bytes(path, _bytes(figure, kind, metadata))


def _bytes(figure: Figure, kind: str, metadata: dict[str, None]) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # no font here has a name's script: boxes
        figure.savefig(buffer, format=kind, dpi=DPI, metadata=metadata)
    return buffer.getvalue()
