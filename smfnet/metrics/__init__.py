"""The nine fusion metrics of the paper's tables, batched, in the conventions that reproduce those tables.

Further ones of the field are in `smfnet.metrics.further`; `measure` takes them by name.
"""

from smfnet.metrics.average_gradient import average_gradient
from smfnet.metrics.entropy import entropy
from smfnet.metrics.measure import SMALLEST, measure
from smfnet.metrics.mutual_information import mutual_information
from smfnet.metrics.qabf import edge_preservation
from smfnet.metrics.scd import sum_of_correlations
from smfnet.metrics.spatial_frequency import spatial_frequency
from smfnet.metrics.ssim import structural_similarity
from smfnet.metrics.standard_deviation import standard_deviation
from smfnet.metrics.vif import visual_information_fidelity

__all__ = [
    "SMALLEST",
    "average_gradient",
    "edge_preservation",
    "entropy",
    "measure",
    "mutual_information",
    "spatial_frequency",
    "standard_deviation",
    "structural_similarity",
    "sum_of_correlations",
    "visual_information_fidelity",
]
