"""VIF: visual information fidelity in the pixel domain."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import threshold

from smfnet.metrics.windows import Moments, local_moments, slide, strips

__all__ = ["visual_information_fidelity"]

WINDOWS = (17, 9, 5, 3)  # taps at the four scales
NOISE = 2.0  # variance of the visual noise
EPS = 1e-10


def visual_information_fidelity(fused: Tensor, sources: Tensor) -> Tensor:
    """VIF of the fused image with each source as the reference, added up over the sources.

    Sheikh and Bovik's pixel-domain VIF with four scales: Gaussian windows of N = 17, 9, 5 and 3 taps with deviation
    N / 5, inside the image only; before the scales 2 to 4 the images are filtered with the scale's window and every
    second pixel is kept. VIF = sum log10(1 + g^2 s^2 / (v^2 + n^2)) / sum log10(1 + s^2 / n^2) over pixels and scales.

    Args:
        fused: grey levels 0..255, shape (B, 1, H, W), H and W at least 17.
        sources: likewise, shape (B, S, H, W).

    Returns:
        Shape (B,), float64, at least 0. A constant source counts as 1. Images under 41 pixels are measured at as many
        scales as their size allows.
    """
    images = _rows_first(torch.cat([fused, sources], dim=1))
    kept = full = images.new_zeros(sources.shape[1], len(sources))
    for scale, taps in enumerate(WINDOWS):
        window = _gaussian(taps, images.device)
        if scale and _smallest_side(images) >= taps:
            images = slide(images, window, step=2)
        if _smallest_side(images) < taps:
            break
        kept_here, full_here = _information(images, window)
        kept, full = kept + kept_here, full + full_here
    return torch.where(full > 0, kept / full, 1.0).sum(dim=0)


def _rows_first(images: Tensor) -> Tensor:
    """(B, C, H, W) to (H, C, B, W), float64, whole levels around zero: variances stay, and lose fewer digits."""
    centred = images - images.mean(dim=(2, 3), keepdim=True).round()
    return centred.permute(2, 1, 0, 3).to(torch.float64, memory_format=torch.contiguous_format)


def _smallest_side(images: Tensor) -> int:
    return min(images.shape[0], images.shape[3])


def _gaussian(taps: int, device: torch.device) -> Tensor:
    offsets = torch.arange(taps, dtype=torch.float64, device=device) - (taps - 1) / 2
    weights = torch.exp(-offsets.square() / (2 * (taps / 5) ** 2))
    return weights / weights.sum()


def _information(images: Tensor, window: Tensor) -> tuple[Tensor, Tensor]:
    """Information that the fused image keeps of each source, and that there is in each source; (S, B) each."""
    height, _, batch, width = images.shape
    slices = strips(height, batch * width, len(window), images.device)
    parts = [_information_in(local_moments(images[rows], window)) for rows in slices]
    kept, full = (torch.stack(part).sum(dim=0) for part in zip(*parts, strict=True))
    return kept, full


def _information_in(moments: Moments) -> tuple[Tensor, Tensor]:
    """The same for some windows. Where the covariance is negative nothing is kept."""
    source = threshold(moments.source_variance, EPS, 0.0)
    covariance = moments.covariance.clamp_(min=0)
    gain = covariance / (source + EPS)
    distorted = moments.fused_variance.clamp_(min=0).add_(NOISE)
    rest = torch.addcmul(distorted, gain, covariance, value=-1).clamp_(min=NOISE + EPS)
    kept = gain.square_().mul_(source).div_(rest).add_(1).log10_()
    full = source.div_(NOISE).add_(1).log10_()
    return kept.sum(dim=(0, 3)), full.sum(dim=(0, 3))
