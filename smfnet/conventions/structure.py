"""What is disputed in SSIM, MS-SSIM, Qabf, Nabf, Qcb, Qcv and Qy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from smfnet.conventions.convention import CDDFUSE, PAPER, VIFB, Convention
from smfnet.conventions.information import of_sources
from smfnet.metrics.further.artefacts import fusion_artefacts
from smfnet.metrics.further.contrast_preservation import contrast_preservation
from smfnet.metrics.further.gaussian import gaussian
from smfnet.metrics.further.local_statistics import local_statistics, rows_first
from smfnet.metrics.further.multiscale_ssim import multiscale_similarity
from smfnet.metrics.further.regional_difference import regional_difference
from smfnet.metrics.further.similarity import similarity_based_quality
from smfnet.metrics.qabf import edge_preservation
from smfnet.metrics.ssim import structural_similarity

__all__ = ["STRUCTURE"]


def _uniform(data_range: float, factor: float) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    return of_sources(lambda fused, sources: structural_similarity(fused, sources, (data_range,))[0], factor)


def _gaussian(data_range: float, factor: float) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    return of_sources(partial(_gaussian_similarity, data_range), factor)


def _gaussian_similarity(data_range: float, fused: Tensor, sources: Tensor) -> Tensor:
    """Wang's: Gaussian windows of 11 pixels, inside the image; sum over the sources."""
    images, pairs = rows_first(torch.cat([fused, sources], dim=1)), [(0, 1 + each) for each in range(sources.shape[1])]
    found = local_statistics(images, pairs, gaussian(11, 1.5, fused.device), 1e-6)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    means, squares = found.mean_a * found.mean_b, found.mean_a.square() + found.mean_b.square()
    contrast = (2 * found.covariance + c2) / (found.variance_a + found.variance_b + c2)
    return ((2 * means + c1) / (squares + c1) * contrast).mean(dim=(0, 3)).sum(dim=0)


def _in_unit_range(fused: Tensor, sources: Tensor) -> Tensor:
    """Nabf of images in [0, 1]."""
    return fusion_artefacts(fused / 255, sources / 255)


_ALL = (CDDFUSE, PAPER)
STRUCTURE = (
    Convention("SSIM", "uniform 7 x 7, data range 2, sum", _uniform(2, 1), _ALL),
    Convention("SSIM", "uniform 7 x 7, data range 1, sum", _uniform(1, 1)),
    Convention("SSIM", "uniform 7 x 7, data range 255, sum", _uniform(255, 1)),
    Convention("SSIM", "uniform 7 x 7, data range 2, mean", _uniform(2, 1 / 2)),
    Convention("SSIM", "uniform 7 x 7, data range 1, mean", _uniform(1, 1 / 2)),
    Convention("SSIM", "uniform 7 x 7, data range 255, mean", _uniform(255, 1 / 2)),
    Convention("SSIM", "Gaussian 11 x 11, data range 255, sum", _gaussian(255, 1), (VIFB,)),
    Convention("SSIM", "Gaussian 11 x 11, data range 255, mean", _gaussian(255, 1 / 2)),
    Convention("SSIM", "Gaussian 11 x 11, data range 1, sum", _gaussian(1, 1)),
    Convention("SSIM", "Gaussian 11 x 11, data range 1, mean", _gaussian(1, 1 / 2)),
    Convention("MS_SSIM", "data range 255, mean", of_sources(multiscale_similarity)),
    Convention("MS_SSIM", "data range 255, sum", of_sources(multiscale_similarity, 2)),
    Convention("Qabf", "equal strengths count as the strength", of_sources(edge_preservation), (*_ALL, VIFB)),
    Convention("Nabf", "Shreyamsha Kumar's, grey levels 0..255", of_sources(fusion_artefacts)),
    Convention("Nabf", "Shreyamsha Kumar's, images in [0, 1]", of_sources(_in_unit_range)),
    Convention("Nabf", "reversed: 1 - Nabf", lambda *i: 1 - of_sources(fusion_artefacts)(*i)),
    Convention("Qcb", "Liu et al.'s program", of_sources(contrast_preservation), (VIFB,)),
    Convention("Qcv", "Liu et al.'s program", of_sources(regional_difference), (VIFB,)),
    Convention("Qy", "Liu et al.'s program", similarity_based_quality),
)
