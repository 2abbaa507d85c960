"""What a human eye sees of an image: its frequencies, weighted by how well they are seen."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["seen", "stretched"]


def seen(images: Tensor, cycles: tuple[float, float], sensitivity: Callable[[Tensor], Tensor]) -> Tensor:
    """The images filtered in the frequency domain, as if they went on periodically.

    Args:
        images: shape (B, C, H, W), float64.
        cycles: how many cycles per degree the highest frequency of each axis, y then x, is taken for.
        sensitivity: from cycles per degree to a factor.
    """
    height, width = images.shape[2:]
    along_y = 2 * cycles[0] * torch.fft.fftfreq(height, dtype=torch.float64, device=images.device)
    along_x = 2 * cycles[1] * torch.fft.rfftfreq(width, dtype=torch.float64, device=images.device)
    factor = sensitivity(torch.hypot(along_y[:, None], along_x))
    return torch.fft.irfft2(torch.fft.rfft2(images) * factor, s=(height, width))


def stretched(images: Tensor) -> Tensor:
    """Each image stretched to whole grey levels 0..255, float64; a constant one becomes 0."""
    images = images.double()
    low, high = images.amin(dim=(2, 3), keepdim=True), images.amax(dim=(2, 3), keepdim=True)
    span = torch.where(high > low, high - low, 1.0)
    return (255 * ((images - low) / span)).round()
