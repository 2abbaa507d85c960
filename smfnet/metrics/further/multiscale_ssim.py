"""MS-SSIM: structural similarity at several scales."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

from smfnet.metrics.further.gaussian import gaussian
from smfnet.metrics.further.local_statistics import local_statistics, rows_first

__all__ = ["multiscale_similarity"]

TAPS, DEVIATION = 11, 1.5
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # of the scales, finest first
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def multiscale_similarity(fused: Tensor, sources: Tensor) -> Tensor:
    """MS-SSIM with data range 255, mean over the sources.

    Wang, Simoncelli and Bovik, Asilomar 2003: product over five scales of the mean contrast and structure, and at the
    coarsest one of the luminance too, each to the power of its weight; Gaussian windows of 11 pixels, deviation 1.5,
    inside the image; between scales means of 2 x 2 pixels. A mean below 0 counts as 0.

    Args:
        fused: grey levels 0..255, shape (B, 1, H, W), H and W at least 11.
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, in [0, 1]. Images under 161 pixels are measured at as many scales as their size allows,
        whose weights are then made to add up to the same.
    """
    images, pairs = torch.cat([fused, sources], dim=1).double(), [(0, 1 + each) for each in range(sources.shape[1])]
    window, factors = gaussian(TAPS, DEVIATION, fused.device), []
    for scale in range(len(WEIGHTS)):
        found = local_statistics(rows_first(images), pairs, window, 0.0)
        similarity = (2 * found.covariance + C2) / (found.variance_a + found.variance_b + C2)
        factors.append(similarity.mean(dim=(0, 3)))
        images = avg_pool2d(pad(images, (0, images.shape[3] % 2, 0, images.shape[2] % 2), mode="replicate"), 2)
        if scale + 1 == len(WEIGHTS) or min(images.shape[2:]) < TAPS:
            squares = found.mean_a.square() + found.mean_b.square()
            factors[-1] = (similarity * (2 * found.mean_a * found.mean_b + C1) / (squares + C1)).mean(dim=(0, 3))
            break
    weights = torch.tensor(WEIGHTS, dtype=torch.float64, device=fused.device)
    powers = weights[: len(factors)] * (weights.sum() / weights[: len(factors)].sum())
    return (torch.stack(factors, dim=-1).clamp(min=0) ** powers).prod(dim=-1).mean(dim=0)
