"""What metrics there are: those of the paper's tables, further ones of the field, those of tasks; and their margins."""

from collections.abc import Mapping

from assay.metric import Metric
from smfnet.config.metrics.further import FURTHER, FURTHER_METRICS, further_in
from smfnet.config.metrics.tables import FUNCTIONS, METRICS, TABLE5
from smfnet.config.metrics.tasks import TASK_METRICS, TASKS, measured_in

__all__ = [
    "EVERY_METRIC",
    "FUNCTIONS",
    "FURTHER",
    "FURTHER_METRICS",
    "METRICS",
    "TABLE5",
    "TASKS",
    "TASK_METRICS",
    "further_in",
    "measured_in",
]

EVERY_METRIC: Mapping[str, Metric] = {**METRICS, **FURTHER_METRICS}
