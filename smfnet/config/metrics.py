"""SMFNet's metrics: units, conventions and directions, in the order of the paper's tables."""

from __future__ import annotations

from collections.abc import Mapping

from assay.metric import Metric

__all__ = ["METRICS", "TABLE5"]

TABLE5 = ("EN", "SD", "VIF", "SSIM")  # the paper's columns

# All are means over images of the fused image's grey levels, 0..255.
_METRICS = (
    Metric("EN", unit="bit", convention="entropy of the histogram of 256 grey levels"),
    Metric("SD", unit="grey levels", convention="standard deviation over the image"),
    Metric(
        "SF",
        unit="grey levels",
        convention="spatial frequency, root of the summed mean squared row and column differences",
    ),
    Metric("MI", unit="nat", convention="sum of the mutual information with both sources"),
    Metric("SCD", convention="sum of the correlations of differences"),
    Metric("VIF", convention="sum over both sources, pixel domain"),
    Metric("Qabf", convention="edge preservation, weighted by gradient strength"),
    Metric("AG", unit="grey levels", convention="average gradient without the 1/2 under the root"),
    Metric("SSIM", convention="sum over both sources, data_range 2"),
    Metric(
        "AG_cddfuse",
        unit="grey levels",
        convention="average gradient with the 1/2 under the root (CDDFuse's evaluator)",
        variant_of="AG",
    ),
    Metric("SSIM_255", convention="sum over both sources, data_range 255", variant_of="SSIM"),
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _METRICS}
