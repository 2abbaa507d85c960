"""MSE, PSNR and CC: how far the fused image is from its sources, pixel by pixel."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["mean_correlation", "mean_squared_error", "peak_signal_to_noise"]

PEAK = 255.0
SMALLEST = 1e-10  # of an error whose logarithm is taken


def mean_squared_error(fused: Tensor, sources: Tensor) -> Tensor:
    """MSE: mean over both sources and all pixels of the squared difference.

    Jagalingam and Hegde, Aquatic Procedia 4, 2015. (VIFB's RMSE is another number: it divides the root of the summed
    squares by the number of pixels.)

    Args:
        fused: whole grey levels 0..255, shape (B, 1, H, W).
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, in squared grey levels, 0 to 65025.
    """
    rows = (fused - sources).square_().sum(dim=3)  # in float32, three times as fast: a row is off by 1e-7 at most
    return rows.sum(dim=(1, 2), dtype=torch.float64) / sources[0].numel()


def peak_signal_to_noise(fused: Tensor, sources: Tensor) -> Tensor:
    """PSNR: 10 log10(255^2 / MSE), the MSE being the mean over both sources, in dB.

    Jagalingam and Hegde, Aquatic Procedia 4, 2015. Images in [0, 1] with this peak have 48.13 dB more, as some
    evaluators print it.

    Args:
        fused, sources: as for `mean_squared_error`.

    Returns:
        Shape (B,), float64; 148.1 where fused image and sources are equal, whose ratio would be infinite.
    """
    return 10 * (PEAK**2 / mean_squared_error(fused, sources).clamp(min=SMALLEST)).log10()


def mean_correlation(fused: Tensor, sources: Tensor) -> Tensor:
    """CC: Pearson's correlation with each source over the whole image, mean over the sources.

    Deshmukh and Bhosale, International Journal of Image Processing 4, 2010.

    Args:
        fused: any range, shape (B, 1, H, W).
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, in [-1, 1]. A correlation with a constant image is undefined and counts as 0.
    """
    a, b = _centred(fused), _centred(sources)
    norms = torch.linalg.vector_norm(a, dim=2) * torch.linalg.vector_norm(b, dim=2)
    return torch.where(norms > 0, torch.linalg.vecdot(a, b) / norms, 0.0).mean(dim=1)


def _centred(images: Tensor) -> Tensor:
    """(B, C, H W), float64, each image's mean taken off."""
    flat = images.double().flatten(2)
    return flat - flat.mean(dim=2, keepdim=True)
