"""Configuration of what happens to a fused image before it is measured, and of the table's columns."""

from __future__ import annotations

from dataclasses import dataclass

from assay.config.errors import UserError
from assay.config.section import EVERY, Section, choice, some_of, value
from smfnet.config.metrics import EVERY_METRIC, TABLE5, TASK_METRICS

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
        tasks: tasks that rows are judged by too, each with a column of its own: `segment`, mIoU of labelled pictures.
        readers: folder of a run of `python -m platform.tasks segment`; the networks of its base read what rows fuse.
        read_by: which of these networks, by the names of their trials; all that are finished, and kept by name, if
            none is said.
    """

    table: tuple[str, ...] = some_of(TABLE5, tuple(EVERY_METRIC), each_once=True, ignored_by=EVERY)
    tasks: tuple[str, ...] = some_of((), tuple(TASK_METRICS), ignored_by=EVERY)
    readers: str | None = value(None, ignored_by=EVERY)
    read_by: tuple[str, ...] = value((), ignored_by=EVERY)

    def __post_init__(self) -> None:
        for task, metric in TASK_METRICS.items():
            if metric.name in self.table:
                raise UserError(f"metrics.table: {metric.name} has its column by metrics.tasks=[{task}]; leave it out")
        super().__post_init__()
        if len(set(self.tasks)) < len(self.tasks):
            raise UserError(f"metrics.tasks: expected each task once; got {', '.join(self.tasks)}")
        if self.tasks and self.readers is None:
            run = "the folder of a run of `python -m platform.tasks segment`"
            raise UserError(f"metrics.tasks=[{','.join(self.tasks)}] needs metrics.readers, {run}; there is none")
        if (self.readers or self.read_by) and not self.tasks:
            raise UserError("metrics.readers: nothing is read without metrics.tasks: expected metrics.tasks=[segment]")
