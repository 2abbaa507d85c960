"""Figures of measured data: each is a function that returns a matplotlib Figure; nothing here writes or shows one."""

from assay.evidence.figures.curves import training_curves
from assay.evidence.figures.forest import forest
from assay.evidence.figures.gallery import gallery
from assay.evidence.figures.paired import paired, paired_rows
from assay.evidence.figures.parts.effects import part_effects
from assay.evidence.figures.parts.interactions import interactions
from assay.evidence.figures.parts.shares import part_shares
from assay.evidence.figures.radar import radar
from assay.evidence.figures.resources import resources
from assay.evidence.figures.samples import picture_names, pictures_of
from assay.evidence.figures.save import png, save
from assay.evidence.figures.shares import term_shares
from assay.evidence.figures.trainings import trainings

__all__ = [
    "forest",
    "gallery",
    "interactions",
    "paired",
    "paired_rows",
    "part_effects",
    "part_shares",
    "picture_names",
    "pictures_of",
    "png",
    "radar",
    "resources",
    "save",
    "term_shares",
    "training_curves",
    "trainings",
]
