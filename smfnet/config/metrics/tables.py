"""The metrics that are always measured: units, conventions and directions, in the order of the paper's tables."""

from __future__ import annotations

from collections.abc import Mapping

from assay.metric import Metric

__all__ = ["FUNCTIONS", "METRICS", "TABLE5"]

TABLE5 = ("EN", "SD", "VIF", "SSIM")  # the paper's columns

# A metric, and the function that measures it, as text: it takes what it reads by the names of its parameters (see
# `smfnet.metrics.measure`) and returns one value per image. One that several metrics name returns one such for each, in
# their order here. All are means over images of the fused image's grey levels, 0..255.
_MEASURED = (
    (
        Metric("EN", unit="bit", convention="entropy of the histogram of 256 grey levels"),
        "smfnet.metrics.entropy:entropy",
    ),
    (
        Metric("SD", unit="grey levels", convention="standard deviation over the image"),
        "smfnet.metrics.standard_deviation:standard_deviation",
    ),
    (
        Metric(
            "SF",
            unit="grey levels",
            convention="spatial frequency, root of the summed mean squared row and column differences",
        ),
        "smfnet.metrics.spatial_frequency:spatial_frequency",
    ),
    (
        Metric("MI", unit="nat", convention="sum of the mutual information with both sources"),
        "smfnet.metrics.mutual_information:mutual_information",
    ),
    (Metric("SCD", convention="sum of the correlations of differences"), "smfnet.metrics.scd:sum_of_correlations"),
    (
        Metric("VIF", convention="sum over both sources, pixel domain"),
        "smfnet.metrics.vif:visual_information_fidelity",
    ),
    (
        Metric("Qabf", convention="edge preservation, weighted by gradient strength"),
        "smfnet.metrics.qabf:edge_preservation",
    ),
    (
        Metric("AG", unit="grey levels", convention="average gradient without the 1/2 under the root"),
        "smfnet.metrics.average_gradient:average_gradients",
    ),
    (Metric("SSIM", convention="sum over both sources, data_range 2"), "smfnet.metrics.ssim:structural_similarities"),
    (
        Metric(
            "AG_cddfuse",
            unit="grey levels",
            convention="average gradient with the 1/2 under the root (CDDFuse's evaluator)",
            variant_of="AG",
        ),
        "smfnet.metrics.average_gradient:average_gradients",
    ),
    (
        Metric("SSIM_255", convention="sum over both sources, data_range 255", variant_of="SSIM"),
        "smfnet.metrics.ssim:structural_similarities",
    ),
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric, _ in _MEASURED}
FUNCTIONS: Mapping[str, str] = {metric.name: function for metric, function in _MEASURED}
