"""Configuration that both tasks share: the images that a network learns from and reads, and what it begins with."""

from __future__ import annotations

from dataclasses import dataclass

from assay.config.errors import UserError
from assay.config.section import Section, at_least, choice, value

__all__ = ["FROZEN", "RETRAINED", "ImagesConfig", "ResidualConfig"]

FROZEN, RETRAINED = "frozen", "retrained"


@dataclass(frozen=True)
class ImagesConfig(Section):
    """What is learned from, and what is read.

    Attributes:
        data: name of the data set.
        root: folder that holds it. What is in the files decides results, and not where they are; but they count in the
            order of their whole paths, so data are taken for others if folders (of the set, of methods, of boxes) that
            were moved stand in another order by name.
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


@dataclass(frozen=True)
class ResidualConfig(Section):
    """The residual network (He et al., CVPR 2016) that a reader begins with, without pretrained weights.

    Attributes:
        width: channels behind the first convolutions; the stages have once, twice, four and eight times as many.
        blocks: residual blocks of the four stages.
        layer: `basic`: of two convolutions; `bottleneck`: of three, and four times as many channels.
    """

    width: int = at_least(4, 16, most=256)
    blocks: tuple[int, ...] = at_least(1, (1, 1, 1, 1), most=64)
    layer: str = choice("basic", "bottleneck")

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.blocks) != 4:
            raise UserError(f"{self.prefix}.blocks: expected a number for each of four stages; got {list(self.blocks)}")

    @property
    def stages(self) -> list[int]:
        """Channels of the four stages."""
        times = 4 if self.layer == "bottleneck" else 1
        return [self.width * times * factor for factor in (1, 2, 4, 8)]
