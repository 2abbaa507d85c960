"""Figures of measured data: each is a function that returns a matplotlib Figure; nothing here writes or shows one."""

from analysis.figures.curves import training_curves
from analysis.figures.forest import forest
from analysis.figures.gallery import gallery, picture_names
from analysis.figures.paired import paired, paired_rows
from analysis.figures.radar import radar
from analysis.figures.resources import resources
from analysis.figures.save import png, save
from analysis.figures.shares import term_shares

__all__ = [
    "forest",
    "gallery",
    "paired",
    "paired_rows",
    "picture_names",
    "png",
    "radar",
    "resources",
    "save",
    "term_shares",
    "training_curves",
]
