"""Configuration that both tasks share: which images a network learns from, and which it reads."""

from __future__ import annotations

from dataclasses import dataclass

from assay.config.section import Section, at_least, choice, value

__all__ = ["FROZEN", "RETRAINED", "ImagesConfig"]

FROZEN, RETRAINED = "frozen", "retrained"


@dataclass(frozen=True)
class ImagesConfig(Section):
    """What is learned from, and what is read.

    Attributes:
        data: name of the data set.
        root: folder that holds it. What is in the files decides results, and not where they are.
        trained_on: name of the images that the network learns from: a training-free rule, or a method of `folders`.
        read: name of the images that it is tested on.
        folders: `NAME=DIR` of each method.
        colour: `grey`: the luma of all images; `rgb`: fused images have the colour of the visible one.
        shrink: how many pixels of a side become one, in what the network reads; labels are met at full size.
    """

    data: str = choice("msrs", "m3fd")
    root: str | None = value(None, decides=False)
    trained_on: str = "visible_only"
    read: str = value("visible_only", ignored_by=("train",))
    folders: tuple[str, ...] = value((), decides=False)
    colour: str = choice("grey", "rgb")
    shrink: int = at_least(1, 4, most=8)
