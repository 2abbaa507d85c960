"""L_SSIM of eqs. 18 and 19: structural similarity under a Gaussian window."""

from __future__ import annotations

from kornia.metrics import ssim
from torch import Tensor

__all__ = ["ssim_loss", "ssim_map"]

WINDOW = 11  # pixels


def ssim_map(image: Tensor, reference: Tensor) -> Tensor:
    """SSIM of every pixel: Gaussian window of 11 taps with sigma 1.5, reflected border, biased variances.

    The constants are (0.01 L)^2 and (0.03 L)^2 with L = 1; nothing else is added to the denominator, so that equal
    images have exactly 1.

    Args:
        image, reference: (B, 1, H, W) in [0, 1], symmetric; H and W at least 6.

    Returns:
        (B, 1, H, W) in [-1, 1].
    """
    return ssim(image, reference, WINDOW, eps=0.0)


def ssim_loss(image: Tensor, reference: Tensor, form: str) -> Tensor:
    """One loss per image, the mean over its pixels.

    Args:
        image, reference: (B, 1, H, W) in [0, 1].
        form: `one_minus`: 1 - SSIM, in [0, 2]; `half`: half of that; `kornia020`: 1 - SSIM of every pixel, clamped to
            [0, 1] and halved; it has no gradient where SSIM is negative.

    Returns:
        Shape (B,).
    """
    loss = 1 - ssim_map(image, reference)
    if form == "kornia020":
        loss = loss.clamp(0, 1)
    loss = loss.mean((1, 2, 3))
    return loss if form == "one_minus" else loss / 2
