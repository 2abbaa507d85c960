"""Metrics of the field beside those of the paper's tables: measured where they are asked for, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assay.config.tables import Terms
from assay.metric import SMALLER, Metric

__all__ = ["FURTHER", "FURTHER_METRICS", "further_in"]

_FMI, _LIU = "windows of 3 x 3, mean over both sources", "as Liu et al. have it"

# Of each, sources and formula stand in its function's documentation and in docs/metrics.md.
_KNOWN = (
    Metric("CE", SMALLER, unit="bit", convention="cross entropy of the histograms, mean over both sources (VIFB)"),
    Metric("PSNR", unit="dB", convention="peak 255, of the mean squared error over both sources", decimals=2),
    Metric("MSE", SMALLER, unit="grey levels²", convention="mean over both sources, of grey levels 0..255", decimals=1),
    Metric("CC", convention="mean of the correlations with both sources"),
    Metric("NMI", convention="sum over both sources of 2 I / (H + H) (Hossny)"),
    Metric("Nabf", SMALLER, convention="artefacts as Shreyamsha Kumar counts them, of grey levels 0..255"),
    Metric("MS_SSIM", convention="mean over both sources, data_range 255"),
    Metric("EI", unit="grey levels", convention="mean Sobel magnitude, not divided by 8", decimals=2),
    Metric("FMI_pixel", convention=f"Fast-FMI of grey levels, {_FMI}"),
    Metric("FMI_dct", convention=f"Fast-FMI of cosine coefficients, {_FMI}"),
    Metric("FMI_wavelet", convention=f"Fast-FMI of discrete Meyer coefficients, {_FMI}"),
    Metric("Qcb", convention=f"contrast preservation (Chen and Blum), {_LIU}"),
    Metric("Qcv", SMALLER, convention=f"visible differences in regions (Chen and Varshney), {_LIU}", decimals=2),
    Metric("Qy", convention=f"SSIM with the source that has the structure (Yang), {_LIU}"),
)
FURTHER_METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _KNOWN}

# What measures each, as text: a function that takes what it reads by the names of its parameters (see
# `smfnet.metrics.measure`) and returns one value per image. Only the code of those that are asked for names a
# measurement, so that one can be added or mended without another being measured again.
FURTHER: Terms[str] = Terms(
    "metrics.further",
    {
        "CE": "smfnet.metrics.further.histograms:cross_entropy",
        "PSNR": "smfnet.metrics.further.errors:peak_signal_to_noise",
        "MSE": "smfnet.metrics.further.errors:mean_squared_error",
        "CC": "smfnet.metrics.further.errors:mean_correlation",
        "NMI": "smfnet.metrics.further.histograms:normalised_information",
        "Nabf": "smfnet.metrics.further.artefacts:fusion_artefacts",
        "MS_SSIM": "smfnet.metrics.further.multiscale_ssim:multiscale_similarity",
        "EI": "smfnet.metrics.further.edge_intensity:edge_intensity",
        "FMI_pixel": "smfnet.metrics.further.feature_information:pixel_information",
        "FMI_dct": "smfnet.metrics.further.feature_information:dct_information",
        "FMI_wavelet": "smfnet.metrics.further.feature_information:wavelet_information",
        "Qcb": "smfnet.metrics.further.contrast_preservation:contrast_preservation",
        "Qcv": "smfnet.metrics.further.regional_difference:regional_difference",
        "Qy": "smfnet.metrics.further.similarity:similarity_based_quality",
    },
)


def further_in(names: Iterable[str]) -> tuple[str, ...]:
    """Those of some names that are further metrics."""
    return tuple(sorted(name for name in names if name in FURTHER))
