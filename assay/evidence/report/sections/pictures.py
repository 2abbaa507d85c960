"""Figures on their way into a report: files beside it, and blocks in it."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from assay.evidence.figures import save
from assay.evidence.figures.drawing import missing
from assay.evidence.report.blocks import Block, Picture, Sentences
from assay.store.received.inside import inside

__all__ = ["FIGURES", "pictured"]

FIGURES = "figures"  # folder in that of the run


def pictured(figure: Figure, folder: Path, name: str, title: str) -> Block:
    """Write a figure as PNG and PDF.

    Args:
        figure: what to write.
        folder: of the run.
        name: of the files.
        title: for those who do not see it.

    Returns:
        A picture; a sentence in its place if the figure had nothing to show, and then no files.
    """
    if nothing := missing(figure):
        for kind in ("png", "pdf"):
            inside(folder, FIGURES, f"{name}.{kind}").unlink(missing_ok=True)  # of an earlier report
        return Sentences((nothing,), "missing")
    return Picture(name, title, save(figure, inside(folder, FIGURES), name))
