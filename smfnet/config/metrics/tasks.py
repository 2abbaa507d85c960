"""Metrics of a task: how well networks that are trained already read what a row fuses, where that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assay.config.tables import Terms
from assay.metric import Metric

__all__ = ["TASKS", "TASK_METRICS", "measured_in"]

_READ = "IoU of a frozen reader over all pixels of the split, mean over its classes, then over the readers"

TASK_METRICS: Mapping[str, Metric] = {"segment": Metric("mIoU", convention=_READ, decimals=3)}
"""Task -> what it measures."""

# What measures it, as text: a function of the whole configuration, the split and its fused images by name, which gives
# sample -> metric -> value. Only the code of tasks that are asked for names a measurement.
TASKS: Terms[str] = Terms("metrics.tasks", {"segment": "smfnet.tasks.segmentation.judging:mean_iou"})


def measured_in(tasks: Iterable[str]) -> tuple[str, ...]:
    """Names of the metrics of some tasks."""
    return tuple(TASK_METRICS[task].name for task in tasks)
