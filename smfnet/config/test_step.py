"""Configuration of what happens to a fused image before it is measured, and of the table's columns."""

from __future__ import annotations

from dataclasses import dataclass

from assay.config.section import EVERY, Section, choice, some_of
from smfnet.config.metrics import EVERY_METRIC, TABLE5

__all__ = ["InferConfig", "MetricsConfig"]


@dataclass(frozen=True)
class InferConfig(Section):
    """The test step, as the field's evaluators do it.

    Attributes:
        colour: `ycrcb`: the network fuses luma, saved images get the colour of the visible one, and the metrics read
            the saved image's grey; `grey`: grey all the way.
        rescale: stretch each fused image to [0, 1] by its minimum and maximum (`minmax`), or `clip` it.
    """

    colour: str = choice("ycrcb", "grey", ignored_by=EVERY)
    rescale: str = choice("minmax", "clip", ignored_by=EVERY)


@dataclass(frozen=True)
class MetricsConfig(Section):
    """The metrics of the paper's tables are always measured and kept, further ones where they are named.

    Attributes:
        table: columns of the table. AG and SSIM follow the paper's convention; the second convention of each has a
            column of its own, AG_cddfuse and SSIM_255.
    """

    table: tuple[str, ...] = some_of(TABLE5, tuple(EVERY_METRIC), each_once=True, ignored_by=EVERY)
