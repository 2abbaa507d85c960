"""What metrics there are: those of the paper's tables, and further ones of the field; beside them their margins."""

from collections.abc import Mapping

from assay.metric import Metric
from smfnet.config.metrics.further import FURTHER, FURTHER_METRICS, further_in
from smfnet.config.metrics.tables import FUNCTIONS, METRICS, TABLE5

__all__ = ["EVERY_METRIC", "FUNCTIONS", "FURTHER", "FURTHER_METRICS", "METRICS", "TABLE5", "further_in"]

EVERY_METRIC: Mapping[str, Metric] = {**METRICS, **FURTHER_METRICS}
