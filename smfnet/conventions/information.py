"""What is disputed in MI, NMI, CE, SCD, VIF and FMI."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from smfnet.conventions.convention import CDDFUSE, PAPER, VIFB, Convention
from smfnet.metrics.further.feature_information import dct_information, pixel_information, wavelet_information
from smfnet.metrics.further.histograms import cross_entropy, normalised_information
from smfnet.metrics.mutual_information import mutual_information
from smfnet.metrics.scd import sum_of_correlations
from smfnet.metrics.vif import visual_information_fidelity

__all__ = ["INFORMATION", "of_sources"]


def of_sources(
    measure: Callable[[Tensor, Tensor], Tensor], factor: float = 1.0
) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """A metric of fused image and both sources, times a factor, as a function of three images."""
    return lambda fused, ir, vi: factor * measure(fused, torch.cat([ir, vi], dim=1))


def _root_mean_square(fused: Tensor, ir: Tensor, vi: Tensor) -> Tensor:
    return torch.stack([cross_entropy(fused, source) for source in (ir, vi)]).square().mean(dim=0).sqrt()


_ALL, _SUM, _MEAN = (CDDFUSE, PAPER), "sum over both sources", "mean over both sources"
_BIT = 1 / math.log(2)
INFORMATION = (
    Convention("MI", f"nats, {_SUM}", of_sources(mutual_information), (*_ALL, VIFB)),
    Convention("MI", f"bits, {_SUM}", of_sources(mutual_information, _BIT)),
    Convention("MI", f"nats, {_MEAN}", of_sources(mutual_information, 1 / 2)),
    Convention("MI", f"bits, {_MEAN}", of_sources(mutual_information, _BIT / 2)),
    Convention("NMI", f"2 I / (H + H), {_SUM}", of_sources(normalised_information)),
    Convention("NMI", f"2 I / (H + H), {_MEAN}", of_sources(normalised_information, 1 / 2)),
    Convention("CE", f"bits, {_MEAN}", of_sources(cross_entropy), (VIFB,)),
    Convention("CE", f"bits, {_SUM}", of_sources(cross_entropy, 2)),
    Convention("CE", "bits, root mean square over both sources", _root_mean_square),
    Convention("CE", f"nats, {_MEAN}", of_sources(cross_entropy, 1 / _BIT)),
    Convention("SCD", "sum of both correlations", sum_of_correlations, _ALL),
    Convention("SCD", "mean of both correlations", lambda *i: sum_of_correlations(*i) / 2),
    Convention("VIF", f"pixel domain, {_SUM}", of_sources(visual_information_fidelity), _ALL),
    Convention("VIF", f"pixel domain, {_MEAN}", of_sources(visual_information_fidelity, 1 / 2)),
    *(
        Convention(name, f"windows of 3 x 3, {words}", of_sources(measure, factor))
        for name, measure in (
            ("FMI_pixel", pixel_information),
            ("FMI_dct", dct_information),
            ("FMI_wavelet", wavelet_information),
        )
        for words, factor in ((_MEAN, 1), (_SUM, 2))
    ),
)
